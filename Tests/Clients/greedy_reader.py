#!/usr/bin/env python3
"""A reader that takes all that it can get.

    greedy_reader.py SOCKET watch    follows the events on 60 connections, prints how many it holds, and holds them for 20 s
    greedy_reader.py SOCKET half     sends half a call, and prints when it was dropped; somebody connects all the time meanwhile
"""
import socket, sys, time

WATCH = b'{"method":"io.failoveragent.Agent.Watch","more":true}\0'


def connect():
    one = socket.socket(socket.AF_UNIX)
    one.connect(sys.argv[1])
    return one


def is_open(one):
    one.setblocking(False)
    try:
        while True:
            if not one.recv(65536):
                return False
    except BlockingIOError:
        return True
    except OSError:
        return False


if sys.argv[2] == "watch":
    watchers = []
    for _ in range(60):
        one = connect()
        try:
            one.send(WATCH)
        except OSError:
            pass
        watchers.append(one)
    time.sleep(0.5)
    print(sum(is_open(one) for one in watchers), "held", flush=True)
    time.sleep(20)
else:
    half = connect()
    half.send(WATCH[:9])
    begin = time.monotonic()
    while is_open(half) and time.monotonic() - begin < 25:
        # That must not put the look at the stalled ones off.
        time.sleep(0.2)
        connect().close()
    print("dropped" if not is_open(half) else "kept", f"after {time.monotonic() - begin:.0f} s", flush=True)
