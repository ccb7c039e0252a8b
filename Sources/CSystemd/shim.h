/* libsystemd: the event loop and the service manager's notifications. */
#pragma once

#include <systemd/sd-daemon.h>
#include <systemd/sd-event.h>
