"""An odd file as a person meets it: mended, taken back, mended again, and learnt from."""

from __future__ import annotations

from pathlib import Path

import pytest
from driving import by_key, choose, choose_in, go_to, press, says, settled
from live_server import Server
from playwright.sync_api import Page, expect

from mlcore.data.store import DatasetStore
from mlcore.workspace import Workspace

pytestmark = pytest.mark.browser

MENDED = "Damaged places that were mended: 1"


@pytest.fixture
def torn_file(tmp_path: Path) -> Path:
    """Semicolons, decimal commas, GB18030, and a record that is torn in two."""
    lines = ["编号;城市;价格;等级"]
    for number in range(1, 121):
        city, level = ("北京", "上海", "广州")[number % 3], "高" if number % 9 > 4 else "低"
        lines.append(f"{number:03d};{city};{10 + number % 9},{number % 10};{level}")
    lines[50] = lines[50].replace(",", "\n,")
    path = tmp_path / "价格.csv"
    path.write_bytes("\n".join(lines).encode("gb18030"))
    return path


def test_a_torn_line_is_mended_undone_mended_again_and_trained_on(
    tab: Page, server: Server, torn_file: Path
) -> None:
    by_key(tab, "data_upload").locator("input[type=file]").set_input_files(torn_file)
    says(tab, "How the file was read")
    says(tab, "Chinese (GB18030")
    says(tab, "Decimal mark: comma")
    says(tab, MENDED)

    repairs = by_key(tab, "data_repairs")
    choose_in(repairs.locator("input"), "Line 51: 050;广州;15 ,0;高")
    says(tab, "Mends taken back: 1")
    expect(tab.get_by_text(MENDED)).to_be_hidden()
    settled(tab)
    repairs.get_by_role("button", name="Clear all").or_(
        repairs.locator("[aria-label='Clear all']")
    ).first.click()
    says(tab, MENDED)

    settled(tab)
    press(tab, "data_use")
    says(tab, "Bring another table")
    store = DatasetStore(Workspace(server.home))
    (info,) = store.all()
    reading = store.reading(info.id)
    assert info.rows == 120 and reading.options.undone == () and reading.n_repairs == 1

    tab.get_by_role("link", name="Choose what to predict").click()
    choose(tab, "setup_target", "等级")
    says(tab, "holds 2 categories")
    tab.get_by_role("link", name="Choose algorithms and train").click()
    press(tab, "train_start")
    says(tab, "Logistic regression done")
    go_to(tab, "Results")
    expect(by_key(tab, "results_run")).to_be_visible()
