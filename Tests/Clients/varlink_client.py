#!/usr/bin/env python3
"""PyPI's varlink, a client that others wrote, against a running agent: lists, introspects, calls, streams, gets typed errors.

    varlink_client.py SOCKET [INSTANCE]
"""
import sys, threading
import varlink

SOCKET = sys.argv[1]
NAME = sys.argv[2] if len(sys.argv) > 2 else "Instance1"
INTERFACE = "io.failoveragent.Agent"


def error_of(call):
    try:
        result = call()
        if hasattr(result, "__next__"):
            list(result)
    except varlink.VarlinkError as error:
        return error.error().split(".")[-1], error.parameters()
    raise AssertionError("no error")


with varlink.Client.new_with_address("unix:" + SOCKET) as client:
    with client.open("org.varlink.service") as service:
        info = service.GetInfo()
        assert info["interfaces"] == ["org.varlink.service", INTERFACE], info
        description = service.GetInterfaceDescription(INTERFACE)["description"]
    # Its scanner reads the whole grammar; every method, type and error has a comment.
    interface = varlink.Interface(description)
    members = [member for member in interface.members]
    for name in ("GetStatus", "ListInstances", "ListInterfaces", "ListEvents", "Watch", "Explain", "Handover", "Resume", "Reload",
                 "Confirm", "CheckConfiguration", "GetMetrics", "SetLogLevel", "NoSuchInstance", "ConfigurationInvalid"):
        assert name in members, (name, members)
    lines = description.split("\n")
    for number, line in enumerate(lines):
        if line.startswith(("method ", "type ", "error ")):
            assert lines[number - 1].startswith("#"), line

    with client.open(INTERFACE) as agent:
        status = agent.GetStatus()
        assert status["health"] in ("ok", "warning", "critical") and status["uptime"] >= 0, status
        instances = [reply["instance"] for reply in agent.ListInstances(_more=True)]
        assert NAME in [instance["name"] for instance in instances], instances
        assert agent.ListInstances(NAME)["instance"]["name"] == NAME
        interfaces = [reply["interface"] for reply in agent.ListInterfaces(_more=True)]
        assert any(one["present"] and one["addresses"] for one in interfaces), interfaces
        events = [reply.get("event") for reply in agent.ListEvents(_more=True)]
        assert events[-1] is None
        numbers = [event["sequence"] for event in events[:-1]]
        assert numbers and numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers
        later = [reply.get("event") for reply in agent.ListEvents(numbers[-1], _more=True)]
        assert later == [None] or later[0]["sequence"] > numbers[-1], later
        explanation = agent.Explain(NAME)
        assert explanation["summary"].startswith(NAME) and explanation["next"], explanation
        check = agent.CheckConfiguration("vrrp_instance x {\n  virtual_router_id 300\n}\n")
        assert not check["valid"] and any(one["line"] == 2 for one in check["diagnostics"]), check
        secret = agent.CheckConfiguration("include /etc/shadow\n")
        assert not secret["valid"] and "root" not in str(secret), secret
        text = "".join(reply["text"] for reply in agent.GetMetrics(_more=True))
        assert text.endswith("# EOF\n"), text[-100:]
        assert error_of(lambda: agent.Explain("nobody"))[0] == "NoSuchInstance"
        assert error_of(lambda: agent.ListInstances("nobody")) == ("NoSuchInstance", {"name": "nobody"})
        assert error_of(lambda: agent.Confirm())[0] == "NothingToConfirm"
        assert error_of(lambda: agent.CheckConfiguration("#" * 20000))[0] == "ConfigurationTooLong"
        assert error_of(lambda: agent.SetLogLevel("loud"))[0] == "InvalidParameter"
        agent.SetLogLevel("warning", _oneway=True)
        agent.SetLogLevel("info")

    # Watch: the present state, then what happens, while another connection makes something happen.
    with client.open(INTERFACE) as watcher, client.open(INTERFACE) as other:
        seen = []
        stream = watcher.Watch(_more=True)
        for _ in instances:
            reply = next(stream)
            assert reply["instance"] and not reply.get("event"), reply
        # There is no other host: the handover finds nobody.
        failures = []
        timer = threading.Timer(0.5, lambda: failures.append(error_of(lambda: other.Handover([NAME]))[0]))
        timer.start()
        for reply in stream:
            seen.append(reply["event"])
            if any(event["kind"] == "startedLeaving" for event in seen) and seen[-1]["kind"] == "becameMaster":
                break
        numbers = [event["sequence"] for event in seen]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers))), numbers
        timer.join()
        assert failures == ["NobodyTookOver"], failures

print("varlink", getattr(varlink, "__version__", "31.0.0"), "lists, introspects, calls, streams and gets the typed errors")
