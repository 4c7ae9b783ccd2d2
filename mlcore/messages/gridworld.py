"""Sentences about grid worlds: drawing, solving, learning."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    # The world.
    "gridworld.nothing_free": (
        "The world has no cell in which an agent could act: all of them are walls or terminals. "
        "Free at least one cell."
    ),
    "gridworld.outside": (
        "The world has no cell in row {row}, column {column}. Rows run from 0 to {last_row} and "
        "columns from 0 to {last_column}; choose a cell among these."
    ),
    "gridworld.on_wall": (
        "The cell in row {row}, column {column} is a wall, where nothing else can stand. Remove "
        "the wall, or what stands on it."
    ),
    "gridworld.start_on_terminal": (
        "The cell in row {row}, column {column} is a start and a terminal, so that episodes would "
        "end before they begin. Make it one of the two."
    ),
    "gridworld.start_on_pit": (
        "The cell in row {row}, column {column} is a start, but it carries off at once whoever "
        "enters it. Make it one of the two."
    ),
    "gridworld.teleport_from_terminal": (
        "The cell in row {row}, column {column} is a terminal, from which nothing is carried off. "
        "Remove the teleport, or the terminal."
    ),
    "gridworld.teleport_outside": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, but "
        "rows run from 0 to {last_row} and columns from 0 to {last_column}. Choose a target among "
        "these."
    ),
    "gridworld.teleport_to_wall": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, "
        "which is a wall. Choose a target that can be entered."
    ),
    "gridworld.teleport_to_pit": (
        "The teleport in row {row}, column {column} leads to row {to_row}, column {to_column}, "
        "from which one is carried off at once. Choose a target where one can stand."
    ),
    "gridworld.no_cells": (
        "This method needs a world of cells, but the linear-quadratic problem has none. Choose "
        "another world, or a method for moves of any length."
    ),
    "gridworld.unknown_brush": (
        "There is no brush called “{name}”. The brushes are {known}. {suggestion}"
    ),
    "gridworld.elsewhere": (
        "Another tab changed this world, and this is its newest state. Undo brings back what was "
        "here."
    ),
    "gridworld.resized.cells": (
        "Drawn cells that lay outside of the new size are gone: {count}. Undo brings them back."
    ),
    "gridworld.resized.teleports": (
        "Teleports from or to cells outside of the new size are gone: {count}. Undo brings them "
        "back."
    ),
    "gridworld.cell": (
        "“{text}” in row {row}, column {column} cannot be read: {reason} A cell is written as in "
        "“S”, “T +1”, “#”, “-0.04”, “^2”, “~0.3” or “@3,1”."
    ),
    "gridworld.cell.token": "“{token}” has no meaning.",
    "gridworld.cell.twice": "it says two things of one kind.",
    "gridworld.cell.shape": (
        "The table has {rows} rows and {columns} columns, but a world has 1 to {most} of each. Use "
        "a table of that size."
    ),
    "gridworld.environment_action": (
        "An action is a whole number from 0 to {last}, but got {got}. Take one of the numbers in "
        "the environment's action_space."
    ),
    # World files and presets.
    "gridworld.unknown_preset": (
        "There is no preset called “{name}”. The presets are {known}. {suggestion}"
    ),
    "gridworld.gymnasium_id": (
        "“{name}” is none of the worlds of Gymnasium that can be loaded. These are {known}. "
        "{suggestion}"
    ),
    "gridworld.gymnasium_cells": (
        "“{name}” is more than cells, so it cannot be drawn here. Solve it or learn it as it is."
    ),
    "gridworld.lake.letter": (
        "Row {number} of the FrozenLake text holds “{letter}”. Use only S (start), F (frozen), H "
        "(hole) and G (goal)."
    ),
    "gridworld.lake.ragged": (
        "Row {number} of the FrozenLake text has {got} letters, but the first has {first}. Make "
        "all rows equally long."
    ),
    "gridworld.lake.size": (
        "FrozenLake text needs 1 to {most} rows of 1 to {most} letters, but this has {rows} rows "
        "of {columns}. Choose a text of that size."
    ),
    "gridworld.lake.beyond": (
        "FrozenLake text cannot say all of this world: {what} Export it as a world file instead, "
        "or change that."
    ),
    "gridworld.lake.has.walls": "it has walls.",
    "gridworld.lake.has.teleports": "it has teleports.",
    "gridworld.lake.has.wind": "it has wind.",
    "gridworld.lake.has.cell_slips": "some cells have a chance to slip of their own.",
    "gridworld.lake.has.slip": "moves slip neither never nor two times in three.",
    "gridworld.lake.has.slip_to": "moves slip in any direction, not to the sides.",
    "gridworld.lake.has.moves": "there are more than four moves.",
    "gridworld.lake.has.step_reward": "steps have a reward.",
    "gridworld.lake.has.bump_reward": "bumps have a reward.",
    "gridworld.lake.has.convention": "rewards are not paid on entering a cell.",
    "gridworld.lake.has.cell_rewards": "cells that are no terminals have rewards.",
    "gridworld.lake.has.terminal_rewards": "a terminal has a reward other than 0 and 1.",
    "gridworld.lake.has.no_start": "it has no start.",
    "gridworld.file.too_large": (
        "A world file has at most {most} characters, but this one has {got}. Choose a file that "
        "holds one world and nothing else."
    ),
    "gridworld.file.empty": "There is nothing in the file. Choose a file that was exported here.",
    "gridworld.file.not_text": (
        "This is not text in UTF-8, so it is no world. Choose a file that was exported here, or "
        "rows of S, F, H and G."
    ),
    "gridworld.file.broken_json": (
        "The file begins like a world, but cannot be understood from line {line}, column {column} "
        "on. Mend it there, or export the world again."
    ),
    "gridworld.file.no_json": (
        "The text is neither a world file nor FrozenLake text; reading stopped in line {line}, "
        "column {column}. Choose a file that was exported here, or see the description of the "
        "format."
    ),
    "gridworld.file.nested": (
        "The file nests lists in lists more deeply than any world needs. Choose a file that was "
        "exported here."
    ),
    "gridworld.file.number": (
        "The file holds “{got}” where a number is expected. Write an ordinary number, such as "
        "-0.04."
    ),
    "gridworld.file.repeated_key": (
        "The file says “{key}” twice in the same place. Remove one of the two."
    ),
    "gridworld.file.type": (
        "“{where}” in the world file must be {expected}, but it is {got}. Write {expected} there."
    ),
    "gridworld.file.value": "“{where}” in the world file cannot be used. {reason}",
    "gridworld.file.unknown_key": (
        "The world file says “{where}”, which no world has. Known here are {known}. {suggestion}"
    ),
    "gridworld.file.missing_key": (
        "The world file does not say “{where}”. Add it, or choose a file that was exported here."
    ),
    "gridworld.file.format": (
        "The file says that its format is {got}, but a world file says “{expected}”. Choose a "
        "world file."
    ),
    "gridworld.file.version": (
        "The world file has version {got}, but this program reads version {expected}. Choose "
        "another file, or a newer program."
    ),
    "gridworld.file.kind": (
        "The world file says that its kind is {got}, but the kinds are {known}. Choose one of "
        "these. {suggestion}"
    ),
    "gridworld.file.ragged": (
        "Row {row} of the map has {got} signs, but row 0 has {first}. Make all rows equally long."
    ),
    "gridworld.file.sign": (
        "Row {row} of the map holds “{sign}”. Use only # (wall), S (start), T (terminal) and . "
        "(free)."
    ),
    "gridworld.file.size": (
        "“{where}” in the world file has {got} entries, but 1 to {most} are allowed. Choose a "
        "world of that size."
    ),
    "gridworld.file.twice": (
        "“{where}” in the world file names row {row}, column {column} a second time. Remove one of "
        "the two."
    ),
    "gridworld.file.length": (
        "“{where}” in the world file must list {expected}, but it has {got} entries. Write these, "
        "in this order."
    ),
    "gridworld.file.text": (
        "“{where}” in the world file must be text of at most {most} characters that can be shown. "
        "Shorten it, and leave out line ends and other signs of control."
    ),
    # Planning.
    "gridworld.no_end": (
        "With a discount of 1 every cell needs a way to a terminal, but from {count} no terminal "
        "can be reached, whatever the moves; row {row}, column {column} (counted from 0) is the "
        "first. Add a terminal, open a way, make these cells walls, or choose a discount below 1."
    ),
    "gridworld.endless_reward": (
        "With a discount of 1 the values have no limit: going round through row {row}, column "
        "{column} (counted from 0) pays again and again, and never ends. Choose a discount below "
        "1, lower the rewards there, or make the cell a terminal."
    ),
    "gridworld.policy_never_ends": (
        "With a discount of 1 this policy has no value: at row {row}, column {column} (counted "
        "from 0) it goes on for ever, and its rewards do not stop. Choose a discount below 1, or "
        "another policy."
    ),
    "gridworld.too_many_steps": (
        "This policy has no value that 16 digits could hold: without discounting, episodes of "
        "moves like these take too many steps before they end. Choose a discount below 1, such as "
        "0.99, or another policy."
    ),
    "gridworld.singular": (
        "The equations of this world cannot be solved with 16 digits: chances or the discount are "
        "too near 0 or 1. Choose a discount of 1, or one below 0.999999999, and chances to slip "
        "that are 0 or not so small."
    ),
    "gridworld.linear_unsolved": (
        "The solver of linear programmes does not cope with this world: with a discount so near 1 "
        "its numbers grow too large. Choose a discount below 0.9999999, or policy iteration."
    ),
    "gridworld.rounds_spent": (
        "After {rounds} policies there was still a better one by rounding, so the search was "
        "stopped. Choose smaller rewards, or a discount that is farther from 1."
    ),
    "gridworld.certified.discounted": (
        "Certain to within {bound}: no value is farther from the exact one. The discount "
        "guarantees it, rounding included."
    ),
    "gridworld.certified.costs": (
        "Certain to within {bound}: no value is farther from the exact one. As every step costs "
        "something, no best policy takes more than {steps} steps on average, so small changes "
        "cannot add up to more."
    ),
    "gridworld.certified.ending": (
        "Certain to within {bound}: there is a policy worth that much, and none that ends within "
        "{steps} steps on average is better by more. Nothing is said of policies that take "
        "longer, because some steps cost nothing; a discount below 1 would count them too."
    ),
    "gridworld.certified.policy": (
        "Certain to within {bound}: no value is farther from the exact one of this policy, which "
        "takes at most {steps} steps on average (discounted, where there is a discount)."
    ),
    "gridworld.certified.horizon": (
        "Exact for {steps} steps; rounding changes no value by more than {bound}."
    ),
    "gridworld.linear_too_large": (
        "Linear programming takes at most {most} cells, but this world has {count}. Choose value "
        "iteration, or a smaller world."
    ),
    "gridworld.sweeps_spent": (
        "Stopped after {sweeps} sweeps, as asked, before the values were certain to within "
        "{tolerance}. Allow more sweeps, or be content with {bound}."
    ),
    "gridworld.rounding_reached": (
        "More sweeps change nothing any more: with 16 digits these values cannot be certain to "
        "within {tolerance}, only to within {bound}."
    ),
    # Learning.
    "gridworld.learning.too_large": (
        "The world has {states} states and {actions} actions, too many for {seeds} agents to keep "
        "their tables in memory. Choose at most {most} agents, or a smaller world."
    ),
    "gridworld.learning.too_long": (
        "{seeds} agents with {episodes} episodes each are too many to be kept. Choose at most "
        "{most} episodes, or fewer agents."
    ),
    "gridworld.learning.diverged": (
        "What the agents hold states to be worth grows without limit. Choose a smaller step size, "
        "or less memory of the way."
    ),
    "gridworld.estimates.optimum": (
        "{names}: measured against the exact optimum, since its values are those of who acts best."
    ),
    "gridworld.estimates.exploring": (
        "{names}: measured against the best that can be done while exploring, since its values are "
        "those of its own way to act, exploring included (of the optimum, where exploring falls "
        "to 0)."
    ),
    "gridworld.estimates.surer": (
        "{names}: measured against the exact optimum, though its values are those of its own way "
        "to act, which comes near the best only as it grows sure."
    ),
    "gridworld.estimates.by_chance": (
        "{names}: measured against the exact values of acting by chance."
    ),
    "gridworld.learning.line.optimum": "Optimum",
    "gridworld.learning.line.soft_optimum": (
        "Best possible while a share of {epsilon} of the actions is taken by chance"
    ),
    "gridworld.learning.line.soft_greedy": (
        "Knowing the optimum, but acting by chance in a share of {epsilon}"
    ),
    "gridworld.learning.line.policy_value": "Value of acting by chance",
    "gridworld.learning.no_lines": (
        "What was learnt cannot be compared with exact values, because there are none. {reason}"
    ),
    "gridworld.learning.no_lines_size": (
        "What was learnt is not compared with exact values: the world has {n} states, and they are "
        "worked out for at most {most}."
    ),
    "gridworld.learning.broken_off": (
        "{broken} of {total} episodes were broken off because they reached the longest length "
        "allowed. Their returns lack what would have followed; agents learn from the value they "
        "expect for it."
    ),
    "gridworld.learning.exploring_starts": (
        "Episodes begin in any cell with any action, so their returns are not those from the "
        "world's own starts. The lines are drawn for the same beginnings."
    ),
    "gridworld.learning.likeliest": (
        "These agents learn chances and go on mixing actions. The policy that is shown, simulated "
        "and downloaded takes the likeliest action of each state by the mean of their chances; it "
        "can be worth more or less than the agents earn."
    ),
    # Simulation.
    "gridworld.policy_shape": (
        "The policy has the shape {got}, but this world needs {expected} (states, actions). Choose "
        "a policy that was made for this world."
    ),
    "gridworld.policy_chances": (
        "The chances of the actions in state {state} are not all at least 0 with a sum of 1. "
        "Choose a policy that was made for this world."
    ),
    "gridworld.simulated.agrees": (
        "{n} episodes earned {mean} on average (95 % interval {low} to {high}). That agrees with "
        "the computed value of {computed}."
    ),
    "gridworld.simulated.certain": (
        "All {n} episodes earned {mean}, which is the computed value of {computed}."
    ),
    "gridworld.simulated.differs": (
        "{n} episodes earned {mean} on average (95 % interval {low} to {high}). The computed value "
        "of {computed} lies outside, {off} standard errors away."
    ),
    "gridworld.simulated.differs_always": (
        "All {n} episodes earned {mean}, but the computed value is {computed}. Chance cannot "
        "explain that."
    ),
    "gridworld.simulated.differs_so_far": (
        "All {n} episodes earned {mean}, but the computed value is {computed}. Something so rare "
        "that none of them met it would explain that; if nothing is, one of the two is wrong."
    ),
    "gridworld.simulated.one": (
        "One episode earned {mean}; the computed value is {computed}. One episode cannot tell "
        "whether they agree: simulate more."
    ),
    "gridworld.simulated.unbounded": (
        "{n} episodes earned {mean} on average, and the computed value is {computed}. They cannot "
        "be compared, because {truncated} of the episodes were broken off and could have earned "
        "anything afterwards. Allow longer episodes."
    ),
    "gridworld.simulated.earned": (
        "{n} episodes earned {mean} on average (95 % interval {low} to {high})."
    ),
    "gridworld.simulated.learnt.inside": (
        "The value function that was learnt expects {computed} at the start: inside the interval."
    ),
    "gridworld.simulated.learnt.more": (
        "The value function that was learnt expects {computed} at the start: {off} more than was "
        "earned."
    ),
    "gridworld.simulated.learnt.less": (
        "The value function that was learnt expects {computed} at the start: {off} less than was "
        "earned."
    ),
    "gridworld.simulated.fine_grid.inside": (
        "The best policy is worth {computed}, computed on a fine grid, within about 1 %: inside "
        "the interval."
    ),
    "gridworld.simulated.fine_grid.more": (
        "The best policy is worth {computed}, computed on a fine grid, within about 1 %: {off} "
        "more than was earned."
    ),
    "gridworld.simulated.fine_grid.less": (
        "The best policy is worth {computed}, computed on a fine grid, within about 1 %: {off} "
        "less than was earned."
    ),
    "gridworld.simulated.optimum.inside": (
        "The best policy is worth {computed}, exactly: inside the interval."
    ),
    "gridworld.simulated.optimum.more": (
        "The best policy is worth {computed}, exactly: {off} more than was earned."
    ),
    "gridworld.simulated.optimum.less": (
        "The best policy is worth {computed}, exactly: {off} less than was earned. No policy does "
        "better in the long run, so that is luck."
    ),
    "gridworld.simulated.rest": (
        "{truncated} of {n} episodes were broken off. What they lack can change the mean by {rest} "
        "at most."
    ),
    "gridworld.simulated.broken_off": (
        "{truncated} of {n} episodes were broken off, so their mean return is off by an unknown "
        "amount."
    ),
    # Continuous moves.
    "gridworld.no_room": (
        "Moves of any direction and length need a drawn world or the linear-quadratic problem, but "
        "{world} has only the moves that come with it. Choose another world."
    ),
    "gridworld.room_too_large": (
        "A room for moves of any length has at most {most} rows and columns, but this world has "
        "{rows} and {columns}. Make it smaller."
    ),
    "gridworld.room_without_goal": (
        "The room has no goal: no terminal with a reward above 0, and none that would end the "
        "costs of walking. Add a terminal with a positive reward."
    ),
    "gridworld.room_closed": (
        "Walls shut off every goal of the room, so that none can be reached. Free a way to one."
    ),
    "gridworld.start_walled_in": (
        "No goal can be reached from the start in row {row}, column {column}. Free a way from "
        "there, or move the start."
    ),
    "gridworld.room_endless": (
        "With a discount of 1 it would pay without end to keep walking, because steps are "
        "rewarded. Choose a discount below 1, or no reward above 0 outside of terminals."
    ),
    "gridworld.diverged": (
        "The agent's numbers grew beyond all bounds at update {update}, so the training was "
        "stopped. Choose a learning rate below {rate:g}."
    ),
    "gridworld.no_finite_answer": (
        "Whatever one does, the costs of this problem grow without bound. Choose a discount below "
        "1, or let actions push more strongly (b)."
    ),
    "gridworld.no_single_answer": (
        "This problem has no single best action, because pushing makes no difference. Give being "
        "away from 0 (q) or acting (r) a cost above 0."
    ),
    "gridworld.room_without_slipping": (
        "In a room steps do not slip sideways; each is moved by chance of {noise} cells instead."
    ),
    "gridworld.room_pays_on_entering": (
        "In a room rewards are paid for the step that ends in a cell, whatever the convention of "
        "the world."
    ),
    "gridworld.room_pockets": (
        "Cells from which no goal can be reached: {cells}. No episode begins there."
    ),
    "gridworld.fine_grid_not_settled": (
        "The best values on the fine grid were still moving when the search was given up, so they "
        "are left out."
    ),
    "gridworld.goal_missed": (
        "The mean action did not reach a goal from {share} of the starts, though it might by its "
        "spread. More updates or a larger spread at the beginning may help."
    ),
    "gridworld.pushed_away": (
        "At least one agent lets the number run away from 0, so what it is worth cannot be "
        "measured. More updates may help."
    ),
    # Runs and their files.
    "gridworld.unknown_method": (
        "There is no method called “{name}”. Choose one of {known}. {suggestion}"
    ),
    "gridworld.method.no_cells": (
        "{name} needs a world of cells, but this one is a number that is kept near 0. Choose "
        "another world, or the expected-utility algorithm."
    ),
    "gridworld.method.few_moves": (
        "{name} moves in any direction, but in this world there are only the moves that come with "
        "it. Choose a drawn world, or a method whose agents choose between given moves."
    ),
    "gridworld.stage.solving": "Solving the Bellman equations",
    "gridworld.stage.learning": "Agents are learning",
    "gridworld.stage.packaging": "Writing the files and letting the policy act",
    # The command line
    "gridworld.command.no_world": (
        "There is no file “{name}”, and no world of that name comes ready. Give the path of a "
        "world file (JSON or FrozenLake text), or one of {known}. {suggestion}"
    ),
    "gridworld.command.not_text": (
        "“{path}” is not text. Give a world file: JSON as the workbench exports it, or FrozenLake "
        "text."
    ),
    "gridworld.command.cannot_read": (
        "“{path}” cannot be read: {reason}. Give a world file that you may open."
    ),
    "gridworld.command.other_action": (
        "“{name}” is a method of “gridworld {other}”. Write {other} instead, or name another "
        "method."
    ),
    "gridworld.command.running": "{name} …",
    "gridworld.command.last": "Return of the last tenth (95 % interval)",
    "gridworld.command.too_large": (
        "The world is too large to be printed; --out writes the policy into files."
    ),
    # The card of a policy
    "gridworld.card.world": "The world",
    "gridworld.card.method": "How the policy was found",
    "gridworld.card.result": "What came out",
    "gridworld.card.columns": "The columns of the table",
    "gridworld.card.columns.place": (
        "`row` and `column`: the cell, counted from 0 at the top left. `layer`: what else tells "
        "states of one cell apart, where there is something."
    ),
    "gridworld.card.columns.actions": (
        "`actions`: what to do there, all that are equally good; empty where the episode is over. "
        "`arrows`: the same as signs."
    ),
    "gridworld.card.columns.value": (
        "`value`: what the cell is worth by the run's account. `value of up` and so on: what it is "
        "worth to make that move first."
    ),
    "gridworld.card.columns.visits": "`visits`: how often agents acted there, all together.",
    "gridworld.card.columns.field": (
        "The state (`x` and `y` in cells, to the right and down, or `s`), the mean action there "
        "and its spread (sigma), what the state is worth by the run's account, and what it is "
        "worth exactly or on a fine grid."
    ),
    "gridworld.card.limits": "What it is not for",
    "gridworld.card.versions": "Made with",
    "gridworld.card.library": "Library",
    "gridworld.card.version": "Version",
    "gridworld.card.setting": "Setting",
    "gridworld.card.figure": "Figure",
    "gridworld.card.value": "Value",
    "gridworld.card.size": "Rows × columns",
    "gridworld.card.linear_quadratic": "The linear-quadratic problem",
    "gridworld.card.no_settings": "It has no settings.",
    "gridworld.card.learnt": (
        "Learnt by trying, by {seeds} agents that differ by chance alone. The last return is the "
        "mean of the last tenth of their episodes, with a 95 % interval over the agents; agents "
        "that still explore earn less than the policy they found. The values of actions are the "
        "mean over the agents."
    ),
    "gridworld.card.own_value": (
        "The policy in these files, with ties decided by chance, is worth {value} on average over "
        "the starts: the exact solution of its linear equations. `policy.py` plays episodes and "
        "compares their mean return with this number."
    ),
    "gridworld.card.differs": (
        "That is not the {value} that the run gives for the start. It may be the value of another "
        "policy (one of a limited number of steps, or one that was given), or an agent may be "
        "wrong about what it does."
    ),
    "gridworld.card.endless": (
        "The policy in these files can go on for ever without discounting, so that no number says "
        "what it is worth; `policy.py` shows it and has nothing to compare with."
    ),
    "gridworld.card.played": (
        "The policy in these files acts by the mean of what was learnt, without its spread. "
        "`policy.py` plays episodes and compares their mean return with that of many episodes "
        "played when the files were made."
    ),
    "gridworld.card.limit.this_world": (
        "It knows this world alone. Move a wall or change a reward, and it must be made anew."
    ),
    "gridworld.card.limit.by_chance": (
        "It was learnt from chance: where agents rarely came it may be wrong, and another seed "
        "gives another policy."
    ),
    "gridworld.card.limit.mean": (
        "It was learnt with a spread that tries other actions; without it, it may do better or, "
        "close to walls and edges, worse."
    ),
    "gridworld.figure.start_value": "Value at the start",
    "gridworld.figure.learnt_start_value": "What the value function expects at the start",
    "gridworld.figure.error_bound": "Certified error bound",
    "gridworld.figure.sweeps": "Sweeps",
    "gridworld.figure.backups": "Backups",
    "gridworld.figure.seconds": "Seconds",
    "gridworld.figure.optimum": "Exact optimum",
    "gridworld.figure.soft_optimum": "Exact optimum while exploring",
    "gridworld.figure.last_mean": "Mean return of the last tenth of the episodes",
    "gridworld.figure.last_low": "Its 95 % interval, lower end",
    "gridworld.figure.last_high": "Its 95 % interval, upper end",
    "gridworld.figure.policy_value": "Exact value of acting by chance",
    "gridworld.figure.gain": "Gain that was learnt",
    "gridworld.figure.exact_gain": "Exact gain",
    "gridworld.figure.reached": "Share of episodes that reach a goal",
    "gridworld.figure.mean_steps": "Mean steps to a goal",
    "gridworld.figure.exact_start_value": "Exact value at the start",
    "gridworld.figure.room.exact_start_value": (
        "Best value at the start, by dynamic programming on a fine grid, within about 1 %"
    ),
    # Figures.
    "axis.grid.episode": "Episode",
    "axis.grid.discounted_return": "Discounted return of an episode",
    "axis.grid.return": "Sum of rewards of an episode",
    "axis.grid.length": "Steps of an episode",
    "axis.grid.rms": "Error against the exact values (root mean square)",
    "axis.grid.sweep": "Sweep",
    "axis.grid.change": "Largest change, and certified error",
    "axis.grid.change_alone": "Largest change of a value",
    "axis.grid.live_step": "Progress (steps)",
    "axis.grid.live_error": "Largest change",
    "axis.grid.live_return": "Return",
    "axis.grid.row": "Row",
    "axis.grid.column": "Column",
    "axis.grid.value": "Value",
    "axis.grid.visits": "Visits (by powers of ten)",
    "axis.grid.walls": "Share of walls",
    "axis.grid.update": "Update",
    "axis.grid.update_return": "Discounted return",
    "axis.grid.update_length": "Steps of an episode",
    "axis.grid.update_reached": "Share that reaches a goal",
    "axis.grid.update_spread": "Spread of actions (standard deviation)",
    "axis.grid.update_entropy": "Indecision of the policy (nats)",
    "axis.grid.update_value_loss": "Error of the values (squared)",
    "axis.grid.x": "To the right (cells)",
    "axis.grid.y": "Down (cells)",
    "axis.grid.s": "Number s",
    "axis.grid.line_mean": "Action u",
    "axis.grid.line_value": "Value of s",
    "legend.grid.line": "{label}: {value}",
    "legend.grid.error_bound": "{name}: certified error",
    "legend.grid.largest_change": "{name}: largest change",
    "legend.grid.start": "Start",
    "legend.grid.terminal": "Terminal",
    "legend.grid.goal": "Goal",
    "legend.grid.teleport": "Teleport",
    "legend.grid.spread": "One sigma",
    "legend.grid.mean": "Mean move",
    "legend.grid.walks": "Walks",
    "legend.grid.learnt": "Learnt",
    "legend.grid.exact": "Exact",
    "hover.grid.episode": (
        "Episode %{{x}}: %{{y:.4g}}<br>95 % band %{{customdata[0]:.4g}} to %{{customdata[1]:.4g}}"
    ),
    "hover.grid.update": "Update %{{x}}: %{{y:.4g}}",
    "hover.grid.sweep": "Sweep %{{x}}: %{{y:.3g}}",
    "hover.grid.cell": "Row %{{y}}, column %{{x}}",
    "hover.grid.place": "Row %{{y}}, column %{{x}}",
    "hover.grid.value": "Value %{{z:.4g}}",
    "hover.grid.visits": "Visits %{{customdata:,.0f}}",
    "hover.grid.walls": "Walls %{{z:.0%}}",
    "hover.grid.room": "%{{x:.2f}} to the right, %{{y:.2f}} down",
    "hover.grid.value_here": "Value %{{z:.4g}}",
    "hover.grid.line": "%{{y:.4g}} at %{{x:.3g}}",
    "alt.grid.curve": (
        "{measure} over {episodes} episodes, means over the agents. {curves}. {lines}"
    ),
    "alt.grid.curve.one": "{name}: from {first} to {last}",
    "alt.grid.curve.lines": "Lines across: {listed}.",
    "alt.grid.error": "Error against the exact values at first and at last. {curves}.",
    "alt.grid.updates": "At first and at last: {curves}.",
    "alt.grid.sweeps": "Largest change and certified error, sweep by sweep. {runs}.",
    "alt.grid.sweeps.one": "{name}: within {last} after sweep {n}",
    "alt.grid.sweeps.change": "{name}: sweep {n}, the last one, changed {last} at most",
    "alt.grid.map.value": (
        "Values of a world of {rows} rows and {columns} columns: highest {top} around row "
        "{top_row}, column {top_column}, lowest {low} around row {low_row}, column {low_column}."
    ),
    "alt.grid.map.visits": (
        "How often agents came to each cell of {rows} rows and {columns} columns: most often in "
        "row {top_row}, column {top_column} ({top} times), least in row {low_row}, column "
        "{low_column} ({low})."
    ),
    "alt.grid.map.walls": (
        "A world of {rows} rows and {columns} columns, {share} of it walls; dark is a wall."
    ),
    "alt.grid.field": (
        "Learnt values from {low} to {top}, highest {x} to the right and {y} down. Arrows are the "
        "mean moves, ellipses one sigma around them ({spread} on average), both drawn to the same "
        "scale."
    ),
    "alt.grid.field.exact": (
        "Values by dynamic programming on a fine grid, from {low} to {top}, highest {x} to the "
        "right and {y} down."
    ),
    "alt.grid.line.mean": (
        "The learnt action and the exact one differ by {off} at most and {mean} on average; the "
        "band is one sigma."
    ),
    "alt.grid.line.value": (
        "The learnt value and the exact one differ by {off} at most and {mean} on average."
    ),
}
