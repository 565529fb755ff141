"""`python -m retrace`: the same as the command `retrace`."""

from retrace.cli import main

raise SystemExit(main())
