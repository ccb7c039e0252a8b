/* libsystemd: the event loop, the service manager's notifications, and its answers over D-Bus. */
#pragma once

#include <systemd/sd-bus.h>
#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
#include <systemd/sd-login.h>
