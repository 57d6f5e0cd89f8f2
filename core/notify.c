/* SPDX-License-Identifier: MIT */
#include "core/notify.h"

#include <unistd.h>

#include <glib.h>

#include "core/datagram.h"

static gboolean
tell(const char *state)
{
	const char *path = g_getenv("NOTIFY_SOCKET");

	/* What cannot be told is no reason to stop: the service manager will ask in its own way. */
	return path && datagram_send(path, state, strlen(state));
}

void
notify_ready(void)
{
	tell("READY=1\n");
}

void
notify_reloading(void)
{
	/* The time tells this reload from an earlier one. */
	g_autofree char *state = g_strdup_printf(
		"RELOADING=1\nMONOTONIC_USEC=%" G_GINT64_FORMAT "\n", g_get_monotonic_time());

	tell(state);
}

void
notify_stopping(void)
{
	tell("STOPPING=1\n");
}

static gboolean
on_turn(gpointer data)
{
	(void)data;
	tell("WATCHDOG=1\n");
	return G_SOURCE_CONTINUE;
}

/* Milliseconds between two signs of life, 0 for none wanted of this process. */
static guint
watch_interval(void)
{
	const char *span = g_getenv("WATCHDOG_USEC");
	const char *pid = g_getenv("WATCHDOG_PID");
	guint64 span_us;
	guint64 wanted_of;

	if (!span || !g_ascii_string_to_unsigned(span, 10, 1, G_MAXUINT, &span_us, NULL))
		return 0;
	if (pid && (!g_ascii_string_to_unsigned(pid, 10, 1, G_MAXINT, &wanted_of, NULL) ||
		    wanted_of != (guint64)getpid()))
		return 0;
	return MAX((guint)(span_us / 2000), 1);
}

void
notify_watch(void)
{
	guint interval = watch_interval();

	if (interval > 0)
		g_timeout_add(interval, on_turn, NULL);
}
