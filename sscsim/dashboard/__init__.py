"""The live model in a browser: the real model year by year, levers, mechanisms, agents, against the baseline.

`asked`, `running`, `watching`, `pictures`, `inspecting` and `tables` know nothing of a browser; `parts`, `app` and
`components` are thin over them, and take the packages of the extra ``dashboard``.
"""
