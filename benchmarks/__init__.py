"""Programs that write the sample case and measure the package; nothing of this is installed with the package.

Each is run as a module from the root of the project: ``python -m benchmarks.speed --help``. ``synthetic`` makes data of
any size, ``sample_case`` what lies in ``data/sample``; ``speed`` measures time and memory, ``accuracy`` error rates,
``network_views`` the network view beside other libraries.
"""
