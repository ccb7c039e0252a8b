#!/usr/bin/env python3
"""Reads metrics from standard input with the parser of prometheus-client, and tells what there is; fails where the text is no
OpenMetrics."""
import sys
from prometheus_client.openmetrics.parser import text_string_to_metric_families

families = list(text_string_to_metric_families(sys.stdin.read()))
names = [family.name for family in families]
assert len(names) == len(set(names)), "a family is told twice"
for family in families:
    assert family.documentation, family.name
    assert family.name.startswith(("failover_agent", "failover_instance")), family.name
    if family.type == "gauge" and family.name.endswith("_seconds"):
        assert family.unit == "seconds", family.name
    for sample in family.samples:
        assert sample.value >= 0, sample
print(len(families), "families,", sum(len(family.samples) for family in families), "samples")
