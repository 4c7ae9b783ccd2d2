"""Sentences about data."""

_ERRORS: dict[str, str] = {
    # Files that cannot be read
    "data.empty": "This file is empty. Choose a file that holds a table, one row a line.",
    "data.no_rows": (
        "This file has a header ({columns}) but no rows below it. Add rows, "
        "or say that the first line is not a header."
    ),
    "data.foreign_format": (
        "This is {format}, not a table of text. Save the table as CSV (in a spreadsheet: "
        "“Save as”, then “CSV UTF-8”) and choose that file."
    ),
    "data.html_table": (
        "This is HTML, the language of web pages, not a table of text. Mark the cells on the "
        "page, copy them and paste them as text, or open it in a spreadsheet and save the table "
        "as CSV."
    ),
    "data.binary": (
        "This file is not text: it holds many characters that no text has. Save the table as CSV "
        "and choose that file."
    ),
    "data.long_line": (
        "Line {line} is longer than {most} MiB, so this is probably not a table. "
        "A table has one row a line; check how the file was saved."
    ),
    "data.quotes_tangled": (
        "In more than {lines:,} lines of this file quotation marks open or close nothing, too many "
        "to look at each. Choose “none” as quotation mark to read them as ordinary characters, or "
        "export the file anew."
    ),
    "data.too_many_columns": (
        "This table has {columns:,} columns, more than the {most:,} the workbench takes. "
        "Keep the columns you need, or try another delimiter."
    ),
    # Files that are packed
    "data.packed_twice": (
        "What is packed in this {format} file is packed once more. Unpack it, and choose the table "
        "itself."
    ),
    "data.packed_damaged": (
        "This {format} file is damaged or incomplete: it cannot be unpacked. Bring it once more, "
        "or choose the table itself."
    ),
    "data.packed_empty": "This archive holds no file. Choose a file that holds a table.",
    "data.packed_several": (
        "This archive holds {count} files ({names}), but one file holds one table. Unpack it, and "
        "choose the file with the table."
    ),
    "data.packed_secret": (
        "This archive needs a password. Unpack it, and choose the table itself."
    ),
    "data.packed_crowded": (
        "This file holds so many parts that it is no table. Choose the table itself."
    ),
    "data.packed_bomb": (
        "This file unpacks to more than {most} times its size, as no table does, so it was not "
        "unpacked. Bring the table as plain CSV."
    ),
    "data.packed_large": (
        "This file unpacks to more than {most:,} MiB, the most that is read. Keep fewer rows or "
        "columns, or raise WORKBENCH_UPLOAD_MB."
    ),
    # Workbooks
    "data.workbook_damaged": (
        "This workbook cannot be opened: it is damaged or incomplete. Open it in a spreadsheet "
        "program and save it once more, or save the sheet as CSV."
    ),
    "data.workbook_secret": (
        "This workbook needs a password. Save it without one, or save the sheet as CSV."
    ),
    "data.workbook_unusual": (
        "This workbook is written in a way that no spreadsheet program writes, so it is not read. "
        "Open it in a spreadsheet program and save it once more, or save the sheet as CSV."
    ),
    "data.workbook_no_sheets": (
        "This workbook has no sheet with cells, only charts or macros. Choose one with a table."
    ),
    "data.no_sheet": "This workbook has no sheet called “{sheet}”. It has {known}.",
    "data.sheet_empty": (
        "The sheet “{sheet}” has no cells. Choose another sheet ({known}) or another file."
    ),
    "data.sheet_sparse": (
        "The sheet “{sheet}” reaches over {rows:,} rows and {columns:,} columns, but only "
        "{cells:,} of its cells are written. Delete what stands far away from the table, or save "
        "the table as CSV."
    ),
    "data.sheet_large": (
        "The sheet “{sheet}” reaches over {rows:,} rows and {columns:,} columns, more than the "
        "{most:,} cells that are read of a workbook. Keep fewer, or save the sheet as CSV."
    ),
    # Parquet and JSON
    "data.table_large": (
        "This file holds {rows:,} rows and {columns:,} columns, more than the {most:,} cells that "
        "are read. Keep fewer rows or columns."
    ),
    "data.parquet_damaged": (
        "This Parquet file cannot be opened: it is damaged or incomplete. Write it once more."
    ),
    "data.parquet_nested": (
        "All columns hold lists, records or bytes, but a cell holds one value: {columns}. Write "
        "each value into a column of its own."
    ),
    "data.json_document": (
        "This is JSON, but no table. A table is a record a line, or a list of records, and each "
        "record gives every name one value."
    ),
    "data.json_broken": (
        "This looks like JSON, but cannot be read as such. Check its brackets and commas, or save "
        "the table as CSV."
    ),
    "data.json_mixed": (
        "Entry {place:,} of this list is no record with names and values. All entries must be "
        "records."
    ),
    "data.json_repeats": (
        "A record names “{name}” twice, so one of the values would be lost. Write each name once."
    ),
    # Options that do not fit
    "data.unknown_encoding": ("There is no encoding called “{got}” here. Choose one of {known}."),
    "data.encoding_mismatch": (
        "This file cannot be read as {encoding}: some of its bytes stand for no character there. "
        "It looks like {detected}."
    ),
    "data.bad_delimiter": (
        "A delimiter is one character between values, such as a comma, or up to three, but got "
        "{got}. Enter characters that are no quotation marks and no line ends."
    ),
    "data.bad_thousands": (
        "The mark between thousands is a comma, a point, a space, an apostrophe or nothing, but "
        "got {got}. Choose one of these."
    ),
    "data.same_marks": (
        "“{mark}” cannot be the decimal mark and stand between thousands as well. Choose another "
        "mark for one of the two."
    ),
    "data.bad_dates": (
        "Dates are read “day first” or “month first”, but got {got}. Choose one of the two."
    ),
    "data.bad_decimal": (
        "The decimal mark is a point or a comma, but got {got}. Choose one of the two."
    ),
    "data.delimiter_absent": (
        "The delimiter “{chosen}” does not occur at the beginning of this file. "
        "With “{found}” it has {columns} columns."
    ),
    # The store
    "data.unknown": (
        "There is no such dataset in this workspace; it may have been deleted. "
        "Choose one on the Data page."
    ),
    "data.not_read": "“{name}” has not been read yet. Wait until it is, then try again.",
    "data.too_large": (
        "“{name}” has {size:,} MiB, but at most {most:,} MiB are read. Keep fewer rows or columns, "
        "or raise WORKBENCH_UPLOAD_MB."
    ),
    "data.no_name": "A dataset needs a name, but the name is empty. Enter one.",
    "data.unknown_sample": (
        "There is no sample called “{name}”. The samples are {known}. {suggestion}"
    ),
    # Kinds
    "data.kind_not_two": (
        "“{name}” has {distinct} different values, but yes/no has two. Choose category instead."
    ),
    "data.kind_unfit": (
        "None of the values of “{name}” can be read as {kind}; the first is “{example}”. "
        "Choose another kind."
    ),
}

_READING: dict[str, str] = {
    "data.decision.as_last_time": (
        "Read as “{file}” was, which has the same columns: {what} as decided then."
    ),
    "data.caution.kinds_not_as_last_time": (
        "For “{file}”, which has the same columns, other kinds were chosen for {columns}. The "
        "values here do not fit those, so the kinds were guessed anew."
    ),
    "data.caution.not_as_last_time": (
        "“{file}”, which has the same columns, was read in another way, but this file cannot be "
        "read so. Everything was detected anew."
    ),
    "data.decision.unpacked": "Unpacked from {format}: {size}.",
    "data.decision.unpacked_member": "Unpacked from {format}: “{name}”, {size}.",
    "data.decision.sheet_only": "Sheet: “{sheet}”, the only one.",
    "data.decision.sheet_chosen": "Sheet: “{sheet}”, chosen by you.",
    "data.decision.sheet_largest": (
        "Sheet: “{sheet}”, the one with the most cells of {count} (the others: {others})."
    ),
    "data.decision.skip_chosen": "Lines left out before the table: {lines}, as you chose.",
    "data.decision.shown_zeros": (
        "Shown in the workbook with leading zeros, so read as codes: {columns}."
    ),
    "data.decision.empty_columns": "Columns without any cell left out: {count:,}.",
    "data.decision.empty_rows": (
        "Rows without any cell left out: {count:,}; the table has {rows:,} rows."
    ),
    "data.decision.empty_rows_kept": (
        "Rows without any value: {count:,} of {rows:,}; they count as rows of which nothing is "
        "known."
    ),
    "data.caution.merged": (
        "Merged cells: {count:,}, the first at {cell}. The value stands in the first cell of each; "
        "the others are missing. If it counts for all of them, fill it in in the workbook."
    ),
    "data.caution.long_numbers": (
        "Numbers of more than 15 digits: {count:,}. A workbook keeps no more, so their last digits "
        "were lost before the file came here. Codes should be kept as text there."
    ),
    "data.caution.sheet_tables": (
        "The sheet holds {count} tables. The one that begins in row {row} is read; the others "
        "begin in {others}. You can choose another."
    ),
    "data.caution.sheet_notes": (
        "Rows below the table that were left out as notes: {count:,}; the first is row {row}, "
        "“{text}”."
    ),
    "data.caution.sheet_doubtful": (
        "Rows of the sheet that look different from those above and were read as rows of the "
        "table: {rows}. If a note, a total or another table begins there, remove it in the "
        "workbook."
    ),
    "data.caution.side_by_side": (
        "Columns without any cell stand between columns {left} and {right}. If these are two "
        "tables side by side, move one to a sheet of its own: their rows were read as one."
    ),
    "data.caution.formulas_zero": (
        "Every formula of the sheet has the result 0 ({count:,}). Some programs write so where "
        "they compute nothing. If that is wrong, open the workbook in a spreadsheet program, save "
        "it there and bring it again."
    ),
    "data.caution.unsaved_formulas": (
        "Formulas whose result was never saved: {count:,}, the first in {cell}. Their cells were "
        "read as empty. Open the workbook in a spreadsheet program, save it there and bring it "
        "again."
    ),
    "data.caution.formulas_blank": (
        "No formula of the sheet has a result: {count:,}, the first in {cell}. Their cells were "
        "read as empty. Some programs write so where they compute nothing. If there should be "
        "results, open the workbook in a spreadsheet program, save it there and bring it again."
    ),
    "data.decision.parquet": (
        "A Parquet file of {rows:,} rows and {columns:,} columns, which names its columns."
    ),
    "data.decision.json_lines": "JSON, a record a line: {rows:,} records, {columns:,} names.",
    "data.decision.json_list": "JSON, a list of records: {rows:,} records, {columns:,} names.",
    "data.decision.json_lacking": (
        "Records without some of the names: {count:,}; those cells are missing."
    ),
    "data.decision.json_nested": (
        "Records within records became columns whose names are joined by a point: {names}."
    ),
    "data.decision.json_lists": "Lists became text, their entries divided by commas: {names}.",
    "data.caution.nested": (
        "Left out, because a cell holds one value and these hold lists, records or bytes: "
        "{columns}. Write what you need of them into columns of their own."
    ),
    "data.caution.no_record": (
        "Lines that are no JSON record were left out: {count:,}; the table has {rows:,} rows. "
        "The lines are listed."
    ),
    "data.repair.no_record": "No JSON record with names and values; the line was left out.",
    "data.decision.encoding_chosen": "Encoding: {encoding}, chosen by you.",
    "data.decision.encoding_mark": "Encoding: {encoding}, because the file begins with its mark.",
    "data.decision.encoding_zero_bytes": (
        "Encoding: {encoding}, because every second byte of its digits and commas is zero."
    ),
    "data.decision.encoding_ascii": (
        "Encoding: UTF-8; the file has no accents or other special letters, so it makes no "
        "difference."
    ),
    "data.decision.encoding_utf8": "Encoding: UTF-8, because its special letters are valid there.",
    "data.decision.encoding_escapes": (
        "Encoding: {encoding}, because the file holds its switches between alphabets."
    ),
    "data.decision.encoding_plausible": (
        "Encoding: {encoding}; of all encodings it gives the most plausible letters."
    ),
    "data.caution.encoding_unsure": (
        "The encoding is a guess from few letters. In {encoding} the file says “{word}”; in "
        "{other} it would say “{other_word}”. If the words look wrong, choose another encoding."
    ),
    "data.caution.two_encodings": (
        "The file is in two encodings: lines that are not UTF-8 ({count:,}, the first is line "
        "{line}) were read as {encoding}. Look at their special letters."
    ),
    "data.caution.encoded_twice": (
        "The text seems to have been encoded twice: “{word}” was probably “{meant}”. Export the "
        "file anew as UTF-8; as it is, such words stay as they stand in it."
    ),
    "data.caution.replaced": (
        "Broken characters that could not be read as {encoding}: {count:,}; they stand as "
        "“\ufffd”; "
        "the first is on line {line}."
    ),
    "data.caution.nul": (
        "NUL characters, which no text should hold, were removed ({count:,}; the first stood on "
        "line {line})."
    ),
    "data.decision.delimiter": (
        "Delimiter: {delimiter}; it gives {columns} columns in {share} of the rows looked at."
    ),
    "data.decision.delimiter_chosen": "Delimiter: {delimiter}, chosen by you.",
    "data.decision.delimiter_hint": (
        "Delimiter: {delimiter}, because the first line of the file says so."
    ),
    "data.decision.one_column": "One column: no delimiter divides the lines evenly.",
    "data.decision.quote": "Quotation mark: {quote}.",
    "data.decision.titles": (
        "Lines before the table: {lines}, left out because they have no columns."
    ),
    "data.decision.header_chosen": "Header: the first line names the columns, as you chose.",
    "data.decision.no_header_chosen": "Header: none, as you chose.",
    "data.decision.header": (
        "Header: yes, because the first line differs in type from the values below it "
        "(columns that show it: {columns})."
    ),
    "data.decision.header_text": (
        "Header: yes, because the first line has a different word in each column and none of them "
        "occurs below."
    ),
    "data.decision.header_counts": (
        "Header: yes, because the numbers of the first line go up or down from column to column, "
        "as in no line below."
    ),
    "data.decision.header_default": "Header: yes, as usual; nothing speaks for or against it.",
    "data.decision.no_header": (
        "Header: none, because the first line looks like the values below it "
        "(columns that show it: {columns})."
    ),
    "data.decision.no_header_values": (
        "Header: none, because the first line holds numbers or dates."
    ),
    "data.decision.decimal_chosen": "Decimal mark: {decimal}, chosen by you.",
    "data.decision.decimal": ("Decimal mark: {decimal}, as in {count:,} of the values looked at."),
    "data.decision.decimal_default": "Decimal mark: point, as usual; no value shows another.",
    "data.decision.numbered_names": "The columns are named column_1, column_2 and so on.",
    "data.decision.row_names": (
        "The header has one name fewer than the rows have values, so the first column holds row "
        "names; it is called “row”."
    ),
    "data.decision.empty_names": (
        "Columns without a name in the header: {count}; they are named by their position."
    ),
    "data.decision.repeated_names": (
        "These names stand more than once and were numbered: {names}."
    ),
    "data.decision.trimmed": (
        "Spaces and characters without a width around values were removed (values: {count:,})."
    ),
    "data.decision.missing": "Cells read as missing: {count:,} ({tokens}).",
    "data.repair.empty_line": "An empty line; left out.",
    "data.repair.too_many": (
        "Values found: {got}, expected: {expected}; those beyond the last column were not kept."
    ),
    "data.repair.too_few": (
        "Values found: {got}, expected: {expected}; the rest was set to missing."
    ),
    "data.repair.kept": "Kept as it is.",
    "data.repair.many_lines": (
        "A record of {lines} lines; a quotation mark may be opened and not closed."
    ),
    "data.repair.stray_quote": (
        "A quotation mark is not closed, not opened, or not doubled; taken so that the record has "
        "the usual number of values."
    ),
    "data.repair.extra_empty": (
        "Delimiters without values at the end of the record ({count}); left out."
    ),
    "data.repair.other_delimiter": (
        "The record is written with another delimiter ({delimiter}); divided by that."
    ),
    "data.repair.two_records": "Records on one line: {count}; taken apart.",
    "data.repair.joined": (
        "Values found: {got}, expected: {expected}, because a delimiter inside a value has no "
        "quotation marks around it; joined in the one way that fits the columns."
    ),
    "data.repair.torn": "A record torn into {lines} lines; joined.",
    "data.repair.header_again": "The header once more; left out.",
    "data.repair.comment": "A comment; left out.",
    "data.repair.comment_row": "A comment with as many values as a row; left out.",
    "data.repair.footer": "A note below the table; left out.",
    "data.repair.mark_inside": (
        "A byte-order mark inside the file, where two files were put together; removed."
    ),
    "data.repair.other_encoding": "The line is in another encoding; read in that.",
    "data.decision.escape": ("Quotation marks inside values have a backslash before them."),
    "data.decision.closing_delimiter": (
        "Each line ends with a delimiter; the empty last column that this makes was left out."
    ),
    "data.decision.markdown": (
        "Read as a table drawn with bars, as in Markdown: the lines of dashes and the bars at the "
        "ends of lines were left out."
    ),
    "data.decision.rules": "The line of dashes below the names was left out.",
    "data.decision.comments": "Comment lines left out: {count:,}.",
    "data.decision.empty_lines": "Empty lines left out: {count:,}.",
    "data.caution.uneven": (
        "Only {share} of the lines looked at have the usual number of values. Check the delimiter, "
        "or whether this is a table at all."
    ),
    "data.caution.undivided": (
        "Read as one column: of {lines:,} lines looked at {count:,} could be divided "
        "(delimiter: {delimiter}), but not into the same number of values. If that is what divides "
        "them, choose it as delimiter."
    ),
    "data.caution.gaps": (
        "Read as one column of numbers with spaces between thousands, such as “{example}”. If the "
        "spaces divide columns, choose them as delimiter."
    ),
    "data.caution.threes": (
        "Divided at spaces into {columns} columns of three digits each. If “{example}” is one "
        "number, such as one of a telephone, choose another delimiter."
    ),
    "data.caution.fixed_width": (
        "Read as one column: of {lines:,} lines looked at {count:,} hold several spaces in a row, "
        "as in tables whose columns have a fixed width. If this is one, save it with a delimiter."
    ),
    "data.caution.milliseconds": (
        "The lines are divided at commas such as that in “{example}”, which look like those before "
        "milliseconds in a log. If they divide no columns, choose another delimiter."
    ),
    "data.caution.wrapped": (
        "Each line stands in quotation marks as a whole, as happens when a table is saved as one "
        "column. They were taken off to divide the lines. If each line is one text, choose the "
        "mark of quotation yourself."
    ),
    "data.caution.names_fewer": (
        "The header has {names} names for {columns} columns; the last columns are named by their "
        "position."
    ),
    "data.caution.commas_joined": (
        "The decimal commas of {names} also divide the columns, as they have no quotation marks; "
        "the halves of the numbers were joined. Check that these numbers are right."
    ),
    "data.caution.tables": (
        "The file holds {count} tables. The one that begins on line {line} is read; the others "
        "begin on {others}."
    ),
    "data.caution.names_inside": (
        "Lines of words between numbers that look like the header of another table and were read "
        "as rows: {lines}. If another table begins there, move it to a file of its own."
    ),
    "data.caution.headers_again": (
        "The header stands inside the table as well, as where files were put together. Left out "
        "there: {count:,} ({where}). Each can be taken back."
    ),
    "data.caution.totals": (
        "Rows that seem to be sums or means of rows above them: {count:,} ({where}). If so, they "
        "are no cases to learn from: remove them from the file, or leave them out with the step "
        "“Keep some rows”."
    ),
    "data.caution.other_values": (
        "From {where} on, no value of {columns} is of the kind that all above are: numbers, or "
        "dates. If another table begins there, move it to a file of its own."
    ),
    "data.caution.undone": (
        "Mends taken back: {count:,}. Those lines are read as they stand in the file, with missing "
        "cells where they are too short."
    ),
    "data.caution.mended": (
        "Damaged places that were mended: {count:,}. Each is listed with what stood there, and can "
        "be taken back."
    ),
    "data.caution.cells_lost": (
        "Rows with too many values: {count:,} of {rows:,}; values beyond the last column that were "
        "not kept: {cells:,}. The lines are listed."
    ),
    "data.caution.too_few": (
        "Rows with too few values: {count:,} of {rows:,}; the rest of each row is missing. "
        "The lines are listed."
    ),
    "data.caution.many_lines": (
        "Rows that run over many lines: {count:,} of {rows:,}; a quotation mark may be opened and "
        "never closed. The lines are listed."
    ),
    "data.caution.not_comments": (
        "Lines that begin with “{sign}” have as many values as the others and were read as rows, "
        "not as comments: {count:,} among the first lines. If they are comments, choose “{sign}” "
        "as their sign."
    ),
    "data.caution.comment_row": (
        "Lines left out as comments although they have as many values as a row: {count:,}, beside "
        "{rows:,} rows. They are listed. If they are rows, choose “none” as the sign of comments."
    ),
    "data.caution.footer": (
        "Lines below the table that were left out as notes: {count:,}. They are listed."
    ),
    "data.caution.unlisted": "Only the first {most:,} odd lines are listed; all are counted.",
    "data.decision.missing_columns": "Words read as missing, by column: {columns}.",
    "data.decision.signs_kept": (
        "Signs such as “-” were kept as values where a column holds signs only: {columns}."
    ),
    "data.caution.missing_code": (
        "Column “{name}”: “{word}” was read as missing ({count:,}), and may be a code or a "
        "group like the other values. If it is, choose that such cells are values."
    ),
    "data.decision.nothing": "Column “{name}”: read as missing: {words}.",
    "data.decision.own_decimal": (
        "Column “{name}”: the decimal mark is the {decimal}, as its values or those of other "
        "columns show."
    ),
    "data.decision.unit": "Column “{name}”: the unit was taken off the numbers: {unit}.",
    "data.decision.powers_of_ten": (
        "Column “{name}”: what stands after the digits was read as part of the number: {words}."
    ),
    "data.decision.parentheses": (
        "Column “{name}”: numbers in parentheses were read as negative ({count:,})."
    ),
    "data.decision.behind": (
        "Column “{name}”: numbers with the minus behind them were read as negative ({count:,})."
    ),
    "data.caution.kept_text": "Column “{name}” is not read as numbers. {why}",
    "data.caution.unreadable": (
        "Column “{name}”: values that cannot be read and count as missing: {count:,}, such as "
        "“{example}”."
    ),
    "data.caution.without_unit": (
        "Column “{name}”: numbers without the unit of the others ({unit}): {count:,}; they were "
        "taken to have it."
    ),
    "data.caution.dash": (
        "Column “{name}”: “{example}” was read as missing ({count:,}). Spreadsheets show the "
        "amount 0 so: if it is meant, fill the missing values with 0 in a step."
    ),
    "data.caution.few_units": (
        "Column “{name}”: numbers with a unit ({unit}): only {with_unit:,}; the others ({count:,}) "
        "were taken to have it. If they do not, mend those few in the file."
    ),
    "data.caution.codes": (
        "Column “{name}”: values such as “{example}” were read as numbers. If they are codes, take "
        "the column as categories."
    ),
    "data.caution.powers": (
        "Column “{name}”: values such as “{example}” were read as powers of ten. If they are "
        "codes, take the column as categories."
    ),
    "data.caution.one_power": (
        "Column “{name}”: “{word}” behind the numbers was read as {power}. If it is a unit, all "
        "numbers are too large by that factor."
    ),
    "data.caution.merged_numbers": (
        "Column “{name}”: different values that became the same number: {count:,}; they have more "
        "digits than a number keeps. If they are codes, take the column as categories."
    ),
    "data.caution.three_decimals": (
        "Column “{name}”: “{example}” was read as a fraction. If the mark stands between "
        "thousands, choose so for the file."
    ),
    "data.caution.more_columns": "Further cautions like these, about other columns: {count:,}.",
    "data.caution.dates": (
        "Column “{name}”: the dates were read {order}, and may as well be meant the other way. "
        "Choose the order for the file if it is wrong."
    ),
    "data.caution.two_orders": (
        "Column “{name}” is not read as dates: some are written day first, others month first. "
        "Bring them to one order in the file."
    ),
    "data.caution.minus_behind": (
        "Column “{name}” is not read as numbers: values such as “{example}” may be negative or "
        "mean something else. If they are negative, write the minus before them in the file."
    ),
    "data.caution.two_marks": (
        "Column “{name}” is not read as numbers: some have a comma, as “{one}”, others a point, as "
        "“{other}”. Bring them to one mark in the file."
    ),
    "data.caution.some_numbers": (
        "Column “{name}” is not read as numbers, although many of its values are amounts: others "
        "({count:,}) are not, such as “{example}”. If it should be numbers, bring them to plain "
        "numbers, or leave them empty."
    ),
    "data.caution.unknown_beside": (
        "Column “{name}” is not read as numbers, although its values look like amounts: what "
        "stands beside them in “{example}” is not known. If they are amounts, bring them to plain "
        "numbers."
    ),
    "data.caution.some_dates": (
        "Column “{name}” is not read as dates, although many of its values are: others are not, "
        "or are written in another way, such as “{example}”. Bring them to one way in the file."
    ),
    "data.caution.second_header": (
        "The first rows ({rows}) hold words where all others hold numbers or dates, in {columns}. "
        "They look like units or a second header: remove them from the file; or, if they are the "
        "names of the columns, choose that there is a header."
    ),
    "data.caution.year_last": (
        "Column “{name}”: dates such as “{example}” were read with the year at the end, and may as "
        "well begin with it. If they do, write the years with four digits in the file."
    ),
    "data.caution.year_first": (
        "Column “{name}”: dates such as “{example}” were read year, month, day, and may as well "
        "end with the year. Choose the order of day and month for the file if they do."
    ),
}

_KINDS: dict[str, str] = {
    "data.kind.chosen": "Chosen by you; it was guessed as {guess}.",
    "data.kind.empty": "The column is empty.",
    "data.kind.constant": "Every row has the same value, “{value}”.",
    "data.kind.mark": "The value is “{value}” or missing (in {missing:,} rows), like a tick box.",
    "data.kind.yes_no": "There are two values, “{first}” and “{second}”.",
    "data.kind.number": (
        "All values are numbers, some with a fraction ({distinct:,} different ones)."
    ),
    "data.kind.whole_number": "All values are whole numbers ({distinct:,} different ones).",
    "data.kind.number_but": (
        "Nearly all values are numbers; {count:,} are not, such as “{example}”, and count as "
        "missing."
    ),
    "data.kind.ambiguous_number": (
        "“{example}” may mean a thousand or a fraction, so the values are kept as they are. "
        "Set the decimal mark or choose number if the mark stands between thousands."
    ),
    "data.kind.leading_zeros": (
        "Values such as “{example}” begin with a zero, so they are codes, not amounts."
    ),
    "data.kind.lettered": (
        "All values are digits around an E, as “{example}”, so they are codes, not amounts."
    ),
    "data.kind.long_number": (
        "There are values with more than 15 digits, more than a number keeps, so they are codes."
    ),
    "data.kind.telephone": "Values such as “{example}” are telephone numbers, not amounts.",
    "data.kind.addresses": "Values such as “{example}” are addresses in a network, not amounts.",
    "data.kind.in_parentheses": (
        "All values are whole numbers in parentheses, as “{example}”, so they are marks rather "
        "than negative amounts."
    ),
    "data.kind.mixed_units": (
        "The numbers have different units ({units}), so they are kept as they are. Bring them to "
        "one unit in the file."
    ),
    "data.kind.category": "{distinct:,} different values in {rows:,} rows.",
    "data.kind.text": (
        "Free writing: {distinct:,} different values in {rows:,} rows, {words} words on average."
    ),
    "data.kind.identifier_name": (
        "Named like an identifier, and {distinct:,} different values in {rows:,} rows."
    ),
    "data.kind.identifier_count": "Counts the rows: {distinct:,} whole numbers in order.",
    "data.kind.identifier_codes": "Codes, {distinct:,} different ones in {rows:,} rows.",
    "data.kind.identifier_names": (
        "{distinct:,} different values in {rows:,} rows: nearly every row has its own."
    ),
    "data.kind.date_iso": "Dates written year, month, day.",
    "data.kind.date_zone": "Dates with a time zone; they were brought to one zone (UTC).",
    "data.kind.date_month": "Months written year, month.",
    "data.kind.date_month_year": "Months written month, year.",
    "data.kind.date_name_year": "Months written with their name and the year.",
    "data.kind.date_characters": "Dates written with the characters for year, month and day.",
    "data.kind.date_character_months": "Months written with the characters for year and month.",
    "data.kind.date_short_year": "Dates written year, month, day, the year with two digits.",
    "data.kind.date_time": "Times of day.",
    "data.kind.date_compact": "Dates written as eight digits: year, month, day.",
    "data.kind.date_day_name": "Dates with the name of the month, day first.",
    "data.kind.date_name_day": "Dates with the name of the month, month first.",
    "data.kind.date_day_first": (
        "Dates read day first, because in {count:,} rows the first number is above 12."
    ),
    "data.kind.date_month_first": (
        "Dates read month first, because in {count:,} rows the second number is above 12."
    ),
    "data.kind.date_day_first_order": (
        "Dates read day first, because they are in order that way and are not the other way."
    ),
    "data.kind.date_month_first_order": (
        "Dates read month first, because they are in order that way and are not the other way."
    ),
    "data.kind.date_day_first_chosen": "Dates read day first, as you chose.",
    "data.kind.date_month_first_chosen": "Dates read month first, as you chose.",
    "data.kind.date_day_first_others": (
        "Dates read day first, as other columns of the file show; no value here decides it."
    ),
    "data.kind.date_month_first_others": (
        "Dates read month first, as other columns of the file show; no value here decides it."
    ),
    "data.kind.date_day_first_points": (
        "Dates read day first, as is usual with points; no value decides it."
    ),
    "data.kind.date_month_first_noon": (
        "Dates read month first, as is usual with AM and PM; no value decides it."
    ),
    "data.kind.date_order_unknown": (
        "Dates read day first, as in most countries; no value decides it. If the month comes "
        "first, choose so for the file."
    ),
}

SENTENCES: dict[str, str] = {**_ERRORS, **_READING, **_KINDS}
