"""apprise 2.3.0, a library of notifications: an event with links and images."""

import sys

import apprise

notifier = apprise.Apprise()
assert notifier.add(f"pagerduty://{sys.argv[1]}@any/db1/disk/?image=yes")
assert notifier.notify(title="Disk", body="is full", notify_type=apprise.NotifyType.FAILURE)
