"""Runs the plugin in the engine's stead, and writes down what it used when it has ended.

Usage: python wrapped_plugin.py PLUGIN FOLDER [ARGUMENT...]

Installed as the plugin by a line of shell. In FOLDER there is a file PID while the plugin runs, and PID.done with its
CPU seconds and its peak memory in KiB afterwards.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
from types import FrameType


def main() -> None:
    plugin, folder, *arguments = sys.argv[1:]
    file = os.path.join(folder, str(os.getpid()))  # noqa: PTH118 (pathlib takes 10 ms to import, of a plugin's start)
    with open(file, "x", encoding="utf-8") as record:  # noqa: PTH123
        # Its stdin, stdout and stderr are this process's own.
        child = os.posix_spawn(plugin, [plugin, *arguments], os.environ)

        def forward(number: int, _frame: FrameType | None) -> None:
            with contextlib.suppress(ProcessLookupError):  # It may have just ended.
                os.kill(child, number)

        # The engine sends SIGINT to the whole process group, and so to the child, too: only this process is to survive.
        signal.signal(signal.SIGINT, lambda *_: None)
        signal.signal(signal.SIGTERM, forward)
        _, status, usage = os.wait4(child, 0)
        record.write(f"{usage.ru_utime + usage.ru_stime} {usage.ru_maxrss}")
    os.rename(file, f"{file}.done")  # noqa: PTH104
    # Negative where a signal ended it, which is no exit code.
    sys.exit(max(os.waitstatus_to_exitcode(status), -1) & 255)


if __name__ == "__main__":
    main()
