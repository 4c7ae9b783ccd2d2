"""Sentences about looking at a table: single columns, pairs, gaps, the map of rows."""

SENTENCES: dict[str, str] = {
    # One column in numbers
    "statistic.rows": "Rows with a value",
    "statistic.missing": "Rows without one",
    "statistic.distinct": "Different values",
    "statistic.mean": "Mean",
    "statistic.deviation": "Standard deviation",
    "statistic.minimum": "Smallest",
    "statistic.lower_quartile": "Lower quartile",
    "statistic.median": "Median",
    "statistic.upper_quartile": "Upper quartile",
    "statistic.maximum": "Largest",
    "statistic.first": "First",
    "statistic.middle": "Middle",
    "statistic.last": "Last",
    "statistic.length": "Characters in the middle one",
    "statistic.most_frequent": "Most frequent",
    "statistic.of_most_frequent": "Its rows",
    # How strongly two columns go together
    "relation.strength.unknown": "not defined",
    "relation.strength.none": "hardly any relation",
    "relation.strength.weak": "a weak relation",
    "relation.strength.medium": "a relation of medium strength",
    "relation.strength.strong": "a strong relation",
    "relation.said": "{measure} is {value}: {strength}.",
    "relation.undefined": (
        "{measure} is not defined here: one of the columns has the same value in every row that "
        "has both, or there are too few such rows."
    ),
    "relation.rising": "Where “{x}” is larger, “{y}” tends to be larger.",
    "relation.falling": "Where “{x}” is larger, “{y}” tends to be smaller.",
    "relation.sampled": (
        "Strengths are worked out on {drawn} of {total} rows, drawn by lot (the same ones every "
        "time)."
    ),
    # The map of the rows
    "table_map.no_columns": (
        "A map needs columns of numbers, categories or yes/no that are features; this table has "
        "none. Give a column such a kind and the role of a feature on the Data page."
    ),
    "table_map.columns": "Columns that decide, prepared as for finding groups ({count}): {names}.",
    "table_map.some_columns": (
        "Of {total} such columns, the first {count} decide; more would take long."
    ),
    "table_map.drawn": (
        "On the map are {drawn} of {total} rows, drawn by lot (the same ones every time)."
    ),
    "table_map.axis": "Axis {axis} is made most of {names}.",
    # Axes
    "axis.period": "{name} (by period)",
    "axis.level_of": "{name}",
    "axis.share_of_level": "Share of the rows of {name}",
    "axis.strength": "Strength (0 to 1)",
    "axis.missing_share": "Rows without a value (share)",
    "axis.word": "Rows with the word (count)",
    # Legends and hover boxes
    "legend.median": "Median",
    "legend.mean": "Mean",
    "legend.middle_half": "Middle half of the rows",
    "legend.gap": "No value",
    "hover.points": "%{{x}}<br>%{{y}}",
    "hover.cells": "{x}<br>{y}<br>{rows} rows",
    "hover.boxes": (
        "{level}: {rows} rows<br>5 % up to {p5}, a quarter up to {q1}<br>Half up to {median} "
        "(mean {mean})<br>Three quarters up to {q3}, 95 % up to {p95}"
    ),
    "hover.shares": "{x}, {y}: {rows} rows<br>{share} of the rows of {x}",
    "hover.periods": (
        "{period}: {rows} rows<br>Median {median}, mean {mean}<br>Middle half {q1} to {q3}"
    ),
    "hover.relation": "{first} and {second}<br>{measure} {value}<br>{rows} rows",
    "hover.missing": "%{{customdata}} rows, %{{x:.1%}}",
    "hover.pattern": "{column}: {state}<br>{rows} rows, {share}",
    "hover.pattern.gap": "no value",
    "hover.pattern.value": "has a value",
    "hover.words": "%{{x}} rows, %{{customdata:.1%}}",
    "hover.table_map": "Row {row}",
    "hover.table_map.value": "{column}: {value}",
    "pattern.rows": "{rows} rows ({share})",
    # Alternative texts
    "alt.pair.points": "{rows} rows as points: “{y}” against “{x}”.",
    "alt.pair.cells": (
        "{rows} rows counted in cells: “{y}” against “{x}”. The fullest cell, {x_range} across and "
        "{y_range} up, holds {most} of them."
    ),
    "alt.pair.boxes": (
        "“{y}” by “{x}”, {rows} rows: the box is the middle half, the line in it the median, the "
        "whiskers reach from 5 % to 95 % of the rows. {medians}"
    ),
    "alt.pair.medians": (
        "The median is largest for “{high}” ({most}) and smallest for “{low}” ({least})."
    ),
    "alt.pair.one_median": "The median is {most} for all.",
    "alt.pair.shares": (
        "How the rows of each “{x}” are spread over “{y}”, {rows} rows. The largest share is "
        "{share}, of “{x_level}” for “{y_level}”."
    ),
    "alt.pair.periods": (
        "“{y}” over time, {rows} rows in {periods} periods: median, mean, and the middle half as a "
        "band. The median is highest in {high} ({most}) and lowest in {low} ({least})."
    ),
    "alt.pair.missing": "Rows left out, as one of the two values is missing: {rows}.",
    "alt.pair.trimmed": "Rows left out, as a value is among the outermost: {rows}.",
    "alt.relations": (
        "Strength of the relation between {columns} columns. The strongest is between “{first}” "
        "and “{second}”: {measure} {value}."
    ),
    "alt.label_relations": (
        "Strength of the relation of {columns} columns with “{target}”. The strongest is "
        "“{first}”: {measure} {value}."
    ),
    "alt.missing": (
        "{columns} columns lack values. Most are missing in “{top}”: {rows} rows, {share}."
    ),
    "alt.pattern": (
        "{patterns} combinations of columns lack values together. {complete} of {total} rows are "
        "complete; the most frequent gap is {columns}, in {rows} rows."
    ),
    "alt.pattern.none": "All {total} rows are complete.",
    "alt.words": "The {words} most frequent words of “{column}”; “{top}” stands in {rows} rows.",
    "alt.table_map": "{rows} rows as points, laid out by {method}.",
    "alt.table_map.names": "The colour is “{column}” ({names}).",
    "alt.table_map.amounts": (
        "The colour is “{column}”; it runs from {low} to {high}; 2 % of the rows lie below, 2 % "
        "above."
    ),
}
