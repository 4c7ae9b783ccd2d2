"""The page of grid worlds: choose, draw, rule, solve, learn, and look at what came of it."""

from __future__ import annotations

import json
from dataclasses import replace

import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from mlcore.gridworld.catalogue import make_plan, run_plan, world_print
from mlcore.gridworld.linear_quadratic import LinearQuadratic
from mlcore.gridworld.presets import PRESETS, find_preset
from mlcore.gridworld.world import Cell, GridWorld, empty_world
from mlcore.gridworld.worldfile import World, world_from_json, world_to_json
from mlcore.training.grid_runs import GridRunStore, submit_grid
from mlcore.training.jobs import JobQueue
from mlcore.workspace import Workspace
from pages.ui.grid_canvas import Seen, Stroke, look_of, unheard
from pages.ui.grid_runs import names_of
from pages.ui.panels.grid_methods import run_name

PAGE = "gridworld.py"


def words(app: AppTest) -> str:
    """Return everything the page says."""
    elements = [*app.markdown, *app.caption, *app.info, *app.warning, *app.error, *app.success]
    return "\n".join(str(element.value) for element in elements).replace("\\", "")


def assert_sound(app: AppTest) -> None:
    assert not app.exception, app.exception
    assert not app.error, [error.value for error in app.error]


def keys(elements) -> set[str]:
    return {element.key for element in elements}


def table_with(app: AppTest, *columns: str) -> pd.DataFrame:
    """Return the table on the screen that has these columns."""
    return next(table.value for table in app.dataframe if set(columns) <= set(table.value.columns))


def look_at(workspace: Workspace, world: World) -> None:
    workspace.remember("gridworld", {"world": world_to_json(world), "preset": None})


def kept_world(workspace: Workspace) -> GridWorld:
    world = world_from_json(workspace.recall("gridworld")["world"])
    assert isinstance(world, GridWorld)
    return world


def run(
    workspace: Workspace, world: World, method: str, params=None, setting=None, name=None
) -> str:
    """Keep a run as its job would."""
    plan = make_plan(world, method, params, setting)
    store = GridRunStore(workspace)
    identifier = store.create(plan, name or run_name(plan))
    store.save(identifier, run_plan(plan))
    return identifier


def preset(identifier: str) -> World:
    return find_preset(identifier).make()


# --- the world ---------------------------------------------------------------------------------


def test_the_first_screen_has_a_world_and_one_button(visit) -> None:
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="grid_preset").value == PRESETS[0].id
    assert app.button(key="grid_solve").label == "Solve this world"
    assert app.button(key="grid_undo").disabled and app.button(key="grid_redo").disabled
    assert "examples 3.5 and 3.8" in words(app)
    assert "grid_run" not in keys(app.selectbox)


@pytest.mark.parametrize("one", PRESETS, ids=lambda one: one.id)
def test_every_preset_can_be_looked_at(visit, one) -> None:
    app = visit(PAGE)
    app.selectbox(key="grid_preset").select(one.id).run()
    assert_sound(app)
    assert one.source in words(app)
    # Showing its rules in a form must not change them.
    assert "grid_again" not in keys(app.button)


def test_rules_change_the_world_and_can_be_undone(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    app.slider(key="grid_rule_0_discount").set_value(0.5).run()
    assert_sound(app)
    assert kept_world(workspace).discount == 0.5
    assert kept_world(workspace).name == "Sutton & Barto 5×5, changed"
    assert "No book prints its values" in words(app)
    app.button(key="grid_undo").click().run()
    assert kept_world(workspace).discount == 0.9
    assert app.slider(key="grid_rule_1_discount").value == 0.9
    app.button(key="grid_redo").click().run()
    assert kept_world(workspace).discount == 0.5
    app.button(key="grid_again").click().run()
    assert_sound(app)
    assert kept_world(workspace).discount == 0.9
    assert "grid_again" not in keys(app.button)


def test_a_rule_that_is_taken_away_is_asked_for_in_a_sentence(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    before = workspace.recall("gridworld")
    app.number_input(key="grid_rule_0_step_reward").set_value(None).run()
    assert not app.exception
    assert "Reward of a step" in app.error[0].value
    assert workspace.recall("gridworld") == before


def test_the_size_changes_and_says_what_was_lost(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    app.number_input(key="grid_size_5_5_rows").set_value(3).run()
    app.button(key="grid_resize").click().run()
    assert_sound(app)
    assert kept_world(workspace).walls.shape == (3, 5)
    assert "teleport" in words(app).lower()
    app.button(key="grid_clear").click().run()
    assert not kept_world(workspace).teleports
    assert kept_world(workspace).bump_reward == -1


def test_a_cleared_world_is_no_preset_and_the_preset_can_be_chosen_again(visit) -> None:
    app = visit(PAGE)
    app.button(key="grid_clear").click().run()
    assert_sound(app)
    assert app.selectbox(key="grid_preset").value is None
    assert app.selectbox(key="grid_preset").placeholder == "My world"
    app.selectbox(key="grid_preset").select(PRESETS[0].id).run()
    assert "examples 3.5 and 3.8" in words(app)
    app.button(key="grid_undo").click().run()
    app.button(key="grid_undo").click().run()
    # Undone far enough, it is the preset again.
    assert app.selectbox(key="grid_preset").value == PRESETS[0].id


def test_what_changes_nothing_is_no_step(visit, workspace: Workspace) -> None:
    look_at(workspace, empty_world(3, 3))
    app = visit(PAGE)
    app.button(key="grid_clear").click().run()
    app.button(key="grid_resize").click().run()
    assert_sound(app)
    assert app.button(key="grid_undo").disabled


def test_two_tabs_draw_one_world(visit, workspace: Workspace) -> None:
    here, there = visit(PAGE), visit(PAGE)
    there.slider(key="grid_rule_0_discount").set_value(0.5).run()
    here.button(key="grid_clear").click().run()
    assert_sound(here)
    assert kept_world(workspace).discount == 0.5 and not kept_world(workspace).teleports
    there.run()
    assert_sound(there)
    assert "Another tab changed this world" in there.toast[0].value
    there.button(key="grid_undo").click().run()
    assert kept_world(workspace).teleports
    # Who opened another world goes on alone.
    there.selectbox(key="grid_preset").select("windy").run()
    here.run()
    assert here.selectbox(key="grid_preset").value != "windy"


def test_a_large_world_is_a_picture(visit, workspace: Workspace) -> None:
    world = empty_world(80, 90)
    world.walls[3, :] = True
    look_at(workspace, world)
    app = visit(PAGE)
    assert_sound(app)
    assert "more than 60 rows or columns" in words(app)
    assert "grid_brush" not in keys(app.get("button_group"))


def test_files_come_in_and_go_wrong_in_a_sentence(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    lake = b"SFFF\nFHFH\nFFFH\nHFFG\n"
    app.file_uploader(key="grid_import_0").upload("lake.txt", lake, "text/plain").run()
    assert_sound(app)
    assert kept_world(workspace).terminals.sum() == 5
    assert app.selectbox(key="grid_preset").value is None
    before = workspace.recall("gridworld")
    wrong = json.dumps({**world_to_json(kept_world(workspace)), "colour": "red"}).encode()
    app.file_uploader(key="grid_import_1").upload("w.json", wrong, "application/json").run()
    assert not app.exception
    assert "“colour”" in app.error[0].value
    wrong_ones = {
        b"\xff\xfe{": "not text",
        b" \n": "nothing in the file",
        b'{"a": 1': "begins like a world",
        b"hello": "neither a world file nor FrozenLake text",
    }
    for number, (content, said) in enumerate(wrong_ones.items(), start=2):
        uploader = app.file_uploader(key=f"grid_import_{number}")
        uploader.upload("w.json", content, "application/json").run()
        assert not app.exception
        (error,) = app.error
        assert error.value.startswith("**w\\.json**") and said in error.value
        assert workspace.recall("gridworld") == before
    app.file_uploader(key="grid_import_6").upload("lake.txt", b"SFG", "text/plain").run()
    assert_sound(app)


def test_a_world_of_another_version_does_not_stop_the_page(visit, workspace: Workspace) -> None:
    workspace.remember("gridworld", {"world": {"format": "other"}, "preset": "gone"})
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="grid_preset").value == PRESETS[0].id


def test_the_linear_quadratic_problem_has_a_form(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    app.selectbox(key="grid_preset").select("linear_quadratic").run()
    assert_sound(app)
    app.number_input(key="grid_rule_1_b").set_value(1.0).run()
    assert_sound(app)
    assert world_from_json(workspace.recall("gridworld")["world"]) == LinearQuadratic(b=1.0)
    assert "grid_solve" not in keys(app.button)


def test_cells_look_like_what_is_in_them() -> None:
    world = preset("sutton_barto_5x5")
    assert isinstance(world, GridWorld)
    assert look_of(world, Cell(0, 0)) == {}
    assert look_of(world, Cell(0, 1)) == {"to": [4, 1], "fee": 10.0, "pit": False}
    windy = preset("windy")
    assert isinstance(windy, GridWorld)
    assert look_of(windy, Cell(3, 7)) == {"kind": "goal", "wind": [-2, 0]}
    lake = preset("frozen_lake_4x4")
    assert isinstance(lake, GridWorld)
    assert look_of(lake, Cell(1, 1)) == {"kind": "hole"}
    assert look_of(lake, Cell(3, 3)) == {"kind": "goal", "reward": 1.0}


def test_strokes_are_heard_once_and_in_order() -> None:
    strokes = [Stroke(number=n, brush="wall", values={}, cells=[Cell(0, n)]) for n in (1, 2, 3)]
    assert unheard(Seen(), "a", strokes) == strokes
    assert unheard(Seen(canvas="a", number=2), "a", strokes) == strokes[2:]
    # A canvas that was drawn anew counts from 1 again.
    assert unheard(Seen(canvas="a", number=2), "b", strokes) == strokes


# --- starting ----------------------------------------------------------------------------------


def test_solving_starts_a_job(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    app.button(key="grid_solve").click().run()
    assert not app.exception
    (started,) = GridRunStore(workspace).all()
    assert started.method == "value_iteration" and started.job is not None
    assert started.world == world_print(preset(PRESETS[0].id))
    assert "grid_cancel" in keys(app.button)
    app.button(key="grid_cancel").click().run()
    assert not app.exception
    assert not JobQueue(workspace).active()
    assert "cancelled" in words(app)


def test_agents_start_side_by_side(visit, workspace: Workspace) -> None:
    app = visit(PAGE)
    app.selectbox(key="grid_preset").select("cliff_walking").run()
    app.session_state["grid_family"] = "learning"
    app.run()
    assert_sound(app)
    assert app.multiselect(key="grid_agents").value == ["sarsa", "q_learning"]
    app.number_input(key="grid_param_sarsa_alpha").set_value(0.5).run()
    app.number_input(key="grid_setting_learning_episodes").set_value(40).run()
    app.button(key="grid_train").click().run()
    assert not app.exception
    first, second = GridRunStore(workspace).all()
    assert (first.name, second.name) == ("SARSA, step size 0.5", "Q-learning")
    assert first.plan.params["alpha"] == 0.5
    assert first.plan.setting == second.plan.setting
    assert first.plan.setting["episodes"] == 40
    # What was set is there again for the next visit.
    again = visit(PAGE)
    again.session_state["grid_family"] = "learning"
    again.run()
    assert again.number_input(key="grid_param_sarsa_alpha").value == 0.5


def test_nothing_starts_without_an_agent(visit) -> None:
    app = visit(PAGE)
    app.session_state["grid_family"] = "learning"
    app.run()
    app.multiselect(key="grid_agents").set_value([]).run()
    assert_sound(app)
    assert app.button(key="grid_train").disabled


@pytest.mark.parametrize("method", ["value_iteration", "linear_programming", "policy_evaluation"])
def test_what_is_bound_to_fail_is_said_before_it_starts(
    visit, workspace: Workspace, method: str
) -> None:
    look_at(workspace, replace(empty_world(3, 3), discount=1.0))
    app = visit(PAGE)
    app.selectbox(key="grid_method").select(method).run()
    assert not app.exception
    assert app.button(key="grid_solve").disabled
    assert [error.value for error in app.error] and "terminal" in app.error[0].value
    app.selectbox(key="grid_method").select("finite_horizon").run()
    assert_sound(app)
    assert not app.button(key="grid_solve").disabled
    assert not GridRunStore(workspace).all()


def test_a_run_that_failed_says_why(visit, workspace: Workspace) -> None:
    world = empty_world(2, 2)
    look_at(workspace, world)
    (identifier,) = submit_grid(workspace, [make_plan(world, "value_iteration")], ["Round"])
    with workspace.connect() as connection:
        error = {"code": "gridworld.nothing_free", "parameters": {}}
        connection.execute(
            "UPDATE jobs SET status = 'failed', error = ?, finished = 1 WHERE subject = ?",
            (json.dumps(error), identifier),
        )
    app = visit(PAGE)
    assert_sound(app)
    assert "Round** failed: The world has no cell" in words(app)


# --- results -----------------------------------------------------------------------------------


def test_a_solved_world(visit, workspace: Workspace) -> None:
    world = preset(PRESETS[0].id)
    run(workspace, world, "value_iteration")
    identifier = run(workspace, world, "policy_iteration")
    app = visit(PAGE)
    assert_sound(app)
    assert app.selectbox(key="grid_run").value == identifier
    assert [metric.label for metric in app.metric][:2] == [
        "Mean value of the cells",  # this world names no start
        "Certified error, at most",
    ]
    board = table_with(app, "Run", "Certified error")
    assert list(board["Run"]) == ["Policy iteration", "Value iteration"]
    assert board["Mean value of the cells"].sub(433.2154135 / 25).abs().max() < 1e-5
    app.session_state["grid_part"] = "Policy"
    app.run()
    assert_sound(app)
    policy = table_with(app, "row", "column", "arrows", "value")
    assert policy.loc[0, "value"] == pytest.approx(21.9775, abs=1e-4)
    app.session_state["grid_part"] = "Use it"
    app.run()
    assert_sound(app)
    offered = {"download_policy", "download_bundle", "download_script", "download_notebook"}
    assert offered <= keys(app.button)
    app.number_input(key="grid_luck").set_value(1).run()
    app.button(key="grid_simulate").click().run()
    assert_sound(app)
    assert "1,000 episodes earned" in app.success[0].value


def test_results_belong_to_the_world_on_the_screen(visit, workspace: Workspace) -> None:
    run(workspace, preset("windy"), "value_iteration", name="Wind")
    app = visit(PAGE)
    assert_sound(app)
    assert not app.metric
    app.selectbox(key="grid_preset").select("windy").run()
    assert_sound(app)
    assert app.metric[0].value == "−15"


PAST = "The world has changed since"


def test_results_stay_while_their_world_is_changed(visit, workspace: Workspace) -> None:
    run(workspace, preset(PRESETS[0].id), "value_iteration")
    app = visit(PAGE)
    worth = app.metric[0].value
    assert PAST not in words(app)
    app.slider(key="grid_rule_0_discount").set_value(0.5).run()
    app.number_input(key="grid_size_5_5_rows").set_value(3).run()
    app.button(key="grid_resize").click().run()
    assert_sound(app)
    assert kept_world(workspace).walls.shape == (3, 5)
    assert PAST in words(app) and app.metric[0].value == worth
    for part in ("Policy", "Use it"):
        app.session_state["grid_part"] = part
        app.run()
        assert_sound(app)
    run(workspace, kept_world(workspace), "value_iteration")
    app.run()
    assert PAST not in words(app) and app.metric[0].value != worth
    app.button(key="grid_undo").click().run()
    app.button(key="grid_undo").click().run()
    assert PAST not in words(app) and app.metric[0].value == worth
    app.selectbox(key="grid_preset").select("windy").run()
    assert_sound(app)
    assert not app.metric and PAST not in words(app)


def test_what_was_learnt_stays_while_its_world_is_changed(visit, workspace: Workspace) -> None:
    for world, agent, setting in (
        (preset("russell_norvig_4x3"), "q_learning", {**SHORT, "seeds": 1}),
        (LinearQuadratic(), "expected_utility", {"seeds": 1}),
    ):
        look_at(workspace, world)
        params = {"updates": 3, "samples": 64} if agent == "expected_utility" else None
        run(workspace, world, agent, params, setting)
        app = visit(PAGE)
        if agent == "q_learning":
            app.session_state["grid_family"] = "learning"
        app.run()
        assert "grid_train" in keys(app.button) and PAST not in words(app)
        if agent == "q_learning":
            app.slider(key="grid_rule_0_discount").set_value(0.5).run()
        else:
            app.number_input(key="grid_rule_0_b").set_value(1.0).run()
        assert_sound(app)
        assert PAST in words(app)
        assert app.metric or table_with(app, "Run", "Mean return") is not None


def test_a_policy_that_is_only_judged(visit, workspace: Workspace) -> None:
    run(workspace, preset(PRESETS[0].id), "policy_evaluation")
    app = visit(PAGE)
    assert_sound(app)
    assert float(app.metric[0].value) == pytest.approx(1.05, abs=0.2)


def test_what_a_method_counts_has_its_name(visit, workspace: Workspace) -> None:
    world = preset("russell_norvig_4x3")
    look_at(workspace, world)
    for method, counted in (("policy_iteration", "Rounds"), ("finite_horizon", "Steps")):
        run(workspace, world, method)
        app = visit(PAGE)
        assert_sound(app)
        assert app.metric[2].label == counted
        assert all(metric.help for metric in app.metric)
        # Without a discount a change proves nothing, and steps left need not settle at all.
        assert "worked out once, at the end" in words(app)
        assert "compiler" not in words(app)


def test_taxi_is_solved_in_layers(visit, workspace: Workspace) -> None:
    look_at(workspace, preset("taxi"))
    run(workspace, preset("taxi"), "value_iteration")
    app = visit(PAGE)
    assert_sound(app)
    assert app.metric[0].value == "7.93"
    app.session_state["grid_part"] = "Policy"
    app.run()
    assert_sound(app)
    assert table_with(app, "layer")["layer"].nunique() == 20


def test_the_policies_of_all_step_rewards(visit, workspace: Workspace) -> None:
    world = preset("russell_norvig_4x3")
    look_at(workspace, world)
    run(workspace, world, "value_iteration")
    app = visit(PAGE)
    app.session_state["grid_stretches"] = True
    app.run()
    assert_sound(app)
    assert "there are 9 best policies" in words(app)
    assert "changes at −1.6497, −1.5643, −0.7311, −0.4526, −0.0850, −0.0448" in words(app)
    assert app.select_slider[0].value == 6  # between -0.0448 and -0.0274 lies -0.04
    app.select_slider[0].set_value(0).run()
    assert_sound(app)


SHORT = {"episodes": 60, "seeds": 6, "most_steps": 200}


def test_agents_side_by_side(visit, workspace: Workspace) -> None:
    world = preset("cliff_walking")
    look_at(workspace, world)
    for agent in ("sarsa", "q_learning", "sarsa"):
        run(workspace, world, agent, {"alpha": 0.5}, SHORT)
    app = visit(PAGE)
    app.session_state["grid_family"] = "learning"
    app.run()
    assert_sound(app)
    board = table_with(app, "Run", "Verdict")
    assert set(board["Run"]) == {
        "SARSA, step size 0.5",
        "SARSA, step size 0.5 (2)",
        "Q-learning, step size 0.5",
    }
    assert board["Mean return"].is_monotonic_decreasing
    assert board.loc[0, "Verdict"] == "Best mean"
    assert (board["From"] <= board["Mean return"]).all()
    said = words(app)
    assert "Optimum: −13" in said and "−20.7" in said and "−50.8" in said
    for part in ("Replay", "Visits", "Table", "Use it", "Policy map"):
        app.session_state["grid_learnt_part"] = part
        app.run()
        assert_sound(app)
    compared = next(one for one in app.multiselect if one.key.startswith("grid_compared"))
    compared.set_value(compared.value[:1]).run()
    assert_sound(app)
    assert "Verdict" not in table_with(app, "Run", "Mean return").columns


def test_one_agent_alone_has_no_band(visit, workspace: Workspace) -> None:
    world = preset("russell_norvig_4x3")
    look_at(workspace, world)
    for agent in ("q_learning", "sarsa"):
        run(workspace, world, agent, None, {**SHORT, "seeds": 1})
    app = visit(PAGE)
    app.session_state["grid_family"] = "learning"
    app.run()
    assert_sound(app)
    assert "One agent shows chance" in words(app)
    assert "nan" not in words(app).lower().split()


def test_what_was_learnt_in_a_room(visit, workspace: Workspace) -> None:
    world = preset("small_room")
    look_at(workspace, world)
    run(workspace, world, "expected_utility", {"updates": 3, "samples": 64}, {"seeds": 1})
    app = visit(PAGE)
    app.session_state["grid_family"] = "continuous"
    app.run()
    assert_sound(app)
    assert "dynamic programming on a fine grid" in words(app)
    assert "download_bundle" in keys(app.button)
    app.toggle(key="grid_walks").set_value(False).run()
    assert_sound(app)
    app.number_input(key="grid_episodes").set_value(50)
    app.button(key="grid_simulate").click().run()
    assert_sound(app)
    assert "50 episodes earned" in words(app)
    assert "The value function that was learnt expects" in words(app)
    assert "computed on a fine grid, within about 1 %" in words(app)


def test_the_gain_beside_the_exact_one(visit, workspace: Workspace) -> None:
    look_at(workspace, LinearQuadratic())
    short = {"updates": 3, "samples": 64}
    run(workspace, LinearQuadratic(), "expected_utility", short, {"seeds": 1})
    app = visit(PAGE)
    assert_sound(app)
    told = {metric.label: metric.value for metric in app.metric}
    assert told["Exact gain"] == "0.9295"
    app.button(key="grid_simulate").click().run()
    assert_sound(app)
    assert "The best policy is worth" in words(app) and "exactly" in words(app)


def test_what_counts_in_rooms_alone_is_not_asked_elsewhere(visit, workspace: Workspace) -> None:
    look_at(workspace, LinearQuadratic())
    app = visit(PAGE)
    assert_sound(app)
    labels = {each.label for each in (*app.slider, *app.number_input)}
    assert {"Updates", "Agents", "Share of s that stays (a)"} <= labels
    assert not labels & {"Chance in each step (cells)", "Points of the comparison"}
    assert sum(each.label == "Advanced" for each in app.expander) == 1


def test_runs_are_found_again_and_their_world_opened(visit, workspace: Workspace) -> None:
    identifier = run(workspace, preset("windy"), "value_iteration", name="Wind")
    app = visit(PAGE)
    app.session_state["grid_earlier"] = True
    app.run()
    assert_sound(app)
    listed = table_with(app, "Run", "World", "Ended")
    assert listed.loc[0, "Run"] == "Wind" and listed.loc[0, "World"] == "Windy grid world"
    app.session_state["grid_runs"] = {"selection": {"rows": [0], "columns": [], "cells": []}}
    app.run()
    assert_sound(app)
    app.button(key="grid_open").click().run()
    assert_sound(app)
    assert kept_world(workspace).name == "Windy grid world"
    assert app.metric[0].value == "−15"
    assert GridRunStore(workspace).get(identifier).name == "Wind"


# --- words -------------------------------------------------------------------------------------


def test_runs_of_one_name_are_told_apart(workspace: Workspace) -> None:
    world = preset(PRESETS[0].id)
    submit_grid(workspace, [make_plan(world, "value_iteration")] * 2, ["Same", "Same"])
    assert list(names_of(GridRunStore(workspace).all()).values()) == ["Same", "Same (2)"]
