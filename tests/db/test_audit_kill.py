"""A writer that is killed loses no record that it was told to be committed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from audit_records import rows

from db.audit import Finding, verify

WRITER = """
import asyncio, os, sys
from audit_records import a_record, open_log

async def commit_forever(log, worker):
    for number in range(10**9):
        await log.commit(a_record(request_id=f"{worker}-{number}"))
        os.write(1, f"{worker}-{number}\\n".encode())  # what a client would have been answered

async def main():
    async with open_log(sys.argv[1]) as log:
        await asyncio.gather(*(commit_forever(log, worker) for worker in range(50)))

asyncio.run(main())
"""


@pytest.mark.slow
def test_a_writer_that_is_killed_loses_no_acknowledged_record(audit_url: str, tmp_path: Path) -> None:
    with (tmp_path / "acknowledged").open("w") as acknowledged:
        writer = subprocess.Popen(
            [sys.executable, "-c", WRITER, audit_url],
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdout=acknowledged,
        )
        while (tmp_path / "acknowledged").stat().st_size < 20_000:
            assert writer.poll() is None
            time.sleep(0.02)
        writer.send_signal(signal.SIGKILL)
        writer.wait()

    answered = set((tmp_path / "acknowledged").read_text().split("\n")[:-1])
    stored = {request_id for (request_id,) in rows(audit_url, "SELECT request_id FROM gateway.audit_record")}
    findings: list[Finding] = []
    verify(audit_url, [], findings.append)
    assert len(answered) > 1000
    assert answered <= stored
    assert findings == []
