#!/usr/bin/env python3
"""Clients as they should not be, all at a time, against a running agent: some send a byte a second, some never read what they have
asked for, some send garbage, ten ask all the time, and a thousand connect at once, again and again.

    hostile_clients.py SOCKET SECONDS      prints how many answers the ten got
"""
import json, random, selectors, socket, sys, time

PATH, SECONDS = sys.argv[1], float(sys.argv[2])
LIST = b'{"method":"io.failoveragent.Agent.ListInstances","more":true}\0'
WATCH = b'{"method":"io.failoveragent.Agent.Watch","more":true}\0'
EVENTS = b'{"method":"io.failoveragent.Agent.ListEvents","more":true}\0'
end = time.monotonic() + SECONDS
rng = random.Random(1)


def connect():
    one = socket.socket(socket.AF_UNIX)
    one.setblocking(False)
    try:
        one.connect(PATH)
    except (BlockingIOError, ConnectionRefusedError, FileNotFoundError):
        one.close()
        return None
    return one


def send(one, data):
    try:
        one.send(data)
        return True
    except OSError:
        return False


slow, deaf, asking, crowd = [], [], [], []
answers = refused = 0
last_byte = last_crowd = 0.0
while time.monotonic() < end:
    now = time.monotonic()
    while len(slow) < 15:
        slow.append([connect(), 0])
    while len(deaf) < 15:
        one = connect()
        if one:
            for _ in range(200):
                if not send(one, rng.choice([LIST, WATCH, EVENTS])):
                    break
        deaf.append(one)
    while len(asking) < 10:
        one = connect()
        if one:
            send(one, LIST)
        asking.append(one)
    if now - last_byte > 1:
        last_byte = now
        for entry in slow:
            if entry[0] is None or not send(entry[0], LIST[entry[1] % len(LIST):][:1]):
                entry[0], entry[1] = connect(), 0
            else:
                entry[1] += 1
        deaf = [one for one in deaf if one and send(one, b"")][:14]
    if now - last_crowd > 0.5:
        last_crowd = now
        for one in crowd:
            one.close()
        crowd = [one for one in (connect() for _ in range(1000)) if one]
        for one in crowd[::3]:
            send(one, bytes(rng.randrange(256) for _ in range(200)))
    for place, one in enumerate(asking):
        try:
            data = one.recv(65536) if one else b""
            if not data:
                raise ConnectionResetError
            answers += data.count(0)
            if not json.loads(data.split(b"\0")[-2] if data.endswith(b"\0") else b"{}").get("continues"):
                send(one, LIST)
        except BlockingIOError:
            pass
        except (OSError, ValueError, IndexError):
            refused += 1
            asking[place] = connect()
            if asking[place]:
                send(asking[place], LIST)
    time.sleep(0.001)
print(f"{answers} answers, {refused} connections lost")
