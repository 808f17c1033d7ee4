"""What the README tells of one's own model works as it is written."""

import os
import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]


def test_your_own_model_in_five_minutes(tmp_path: Path) -> None:
    section = (ROOT / "README.md").read_text(encoding="utf-8").split("## Your own model")[1].split("\n## ")[0]
    (declaration,) = re.findall(r"```toml\n(.*?)```", section, re.DOTALL)
    train, check, serve = (line.strip() for line in section.splitlines() if line.startswith("    "))
    assert serve == "streamlit run dashboard.py"
    (tmp_path / "models.toml").write_text(declaration, encoding="utf-8")
    environment = os.environ | {"PYTHONPATH": str(ROOT), "SALIENCY_MODELS": ""}

    def run(command: str) -> str:
        assert command.startswith("python ")
        done = subprocess.run(
            [sys.executable, *command.split()[1:]], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == 0, done.stdout + done.stderr
        assert done.stderr == ""
        return done.stdout

    run(train)
    assert "12 checks passed." in run(check)
    (tmp_path / "models.toml").write_text(f'{declaration}channels = "bgr"\n', encoding="utf-8")
    assert 'Declare channels = "rgb"' in run(check)
