"""Sentences of the prediction server, and about its tokens."""

SENTENCES: dict[str, str] = {
    "serving.token_name": (
        "A token needs a name of 1 to 100 characters, but this one has {length}. Name the program "
        "or the person that will use it."
    ),
    "serving.no_token": "There is no such token any more; it may have been revoked already.",
    "serving.port_in_use": (
        "Nothing can listen on {host}, port {port} ({reason}). Choose another with --port."
    ),
    # Who asks, and how much
    "serving.token_needed": (
        "This server is asked from elsewhere, so it needs a token: make one on the Models page and "
        "send it as “Authorization: Bearer …”."
    ),
    "serving.token_wrong": (
        "The token that came opens nothing here: it is mistyped, revoked or out of date. Make a "
        "new one on the Models page."
    ),
    "serving.token_elsewhere": (
        "The token that came is for the model “{model}” only. Make one for “{name}” on the Models "
        "page."
    ),
    "serving.too_many_tries": (
        "Too many wrong tokens came from this address. Wait {seconds} seconds and try again."
    ),
    "serving.too_fast": (
        "More than {rate} requests a second came. Wait {seconds} seconds, and send several rows in "
        "one request."
    ),
    "serving.too_large": (
        "The request has more than {limit} MiB. Send fewer rows at once; {rows} in one request are "
        "allowed."
    ),
    "serving.too_many_rows": (
        "The request has {rows} rows; at most {limit} are answered at once. Send several requests."
    ),
    "serving.cut_off": "The request ended before its announced length. Send it again.",
    # What was asked
    "serving.no_address": (
        "There is nothing at “{path}”. The page “/docs” of this server lists what it answers."
    ),
    "serving.no_card": (
        "Version {number} of “{name}” came from elsewhere without a card. Its columns stand under "
        "“schema”."
    ),
    "serving.wrong_method": "“{path}” is asked with {allowed}, but {got} came.",
    "serving.not_json": ("The body is not JSON ({reason}). Expected an object such as {example}."),
    "serving.wrong_form": "The body should be {expected}, but it is {got}.",
    "serving.no_rows": "The request holds no rows. Send at least one.",
    "serving.wrong_length": (
        "“input” holds {got} values, but the model has {expected} columns, in this order: "
        "{columns}."
    ),
    "serving.ragged": (
        "Column “{column}” has {got} values where the others have {expected}. Send one for each "
        "row."
    ),
    "serving.wrong_policy": (
        "“policy” can be “warn” (answer and say what was odd) or “refuse” (answer no odd row), "
        "but “{got}” came."
    ),
    "serving.no_such_type": (
        "The input “{column}” has the datatype “{got}”; expected is one of {known}."
    ),
    "serving.refused_rows": (
        "{rows} of {total} rows are not answered; “errors” says what is wrong with each."
    ),
    # What went wrong here
    "serving.model_broken": (
        "Version {number} of “{name}” cannot be opened: {reason} The other models answer as before."
    ),
    "serving.registry_broken": (
        "The registry of models cannot be read just now ({reason}). Models that were asked before "
        "go on answering; try again in a moment."
    ),
    "serving.tokens_broken": (
        "Whether the token opens anything cannot be found out just now, because the database "
        "cannot be read ({reason}). Try again in a moment."
    ),
    "serving.defect": (
        "Something went wrong here that should not. It was written to the log under the number "
        "{number}."
    ),
    # What the Models page says of the server
    "serving.silent": (
        "The prediction server does not answer at {address} just now. It is started again with the "
        "workbench; what it counts begins anew then."
    ),
    "serving.told": "The prediction server has no counts for this version: {reason}",
    "serving.odd.missing_column": "The column was not sent",
    "serving.odd.unreadable": "Could not be read as this kind of value",
    "serving.odd.no_answer": "Numbers so large that there is no answer",
    "serving.odd.unseen": "A category that training did not have",
    "serving.odd.outside": "Outside the range of training",
    "serving.odd.missing": "Missing, which it never was in training",
    "serving.odd.too_many_missing": "More than half of the row is missing",
    "serving.odd.respelt": "Written otherwise than in training, and understood",
}
