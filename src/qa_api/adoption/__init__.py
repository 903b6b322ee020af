"""An authority from a folder of data: policy, calendar, scales, tools, audit types, directory."""
