"""tap-pagerduty 0.3.0, a Singer tap: it sends `Token token= XXX`, and reads page after page."""

import datetime as dt
import json
import subprocess
import sys
import tempfile
from pathlib import Path

folder = Path(tempfile.mkdtemp())
start = (dt.datetime.now(dt.UTC) - dt.timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
config = {"token": "any", "email": "owner@acme.pagerduty.com", "start_date": start}
(folder / "config.json").write_text(json.dumps(config))
tap = (sys.executable, "-c", "import tap_pagerduty; tap_pagerduty.main()", "--config", str(folder / "config.json"))
catalog = json.loads(subprocess.run([*tap, "--discover"], capture_output=True, text=True, check=True).stdout)
for stream in catalog["streams"]:
    wanted = stream["stream"] == "services"
    stream["schema"]["selected"] = wanted
    stream["metadata"] = [{"breadcrumb": [], "metadata": {"selected": wanted}}]
(folder / "catalog.json").write_text(json.dumps(catalog))
command = [*tap, "--catalog", str(folder / "catalog.json")]
done = subprocess.run(command, capture_output=True, text=True, check=False)
assert done.returncode == 0, done.stderr
messages = [json.loads(line) for line in done.stdout.splitlines()]
services = [each["record"] for each in messages if each["type"] == "RECORD" and each["stream"] == "services"]
assert len(services) == 12, done.stderr
