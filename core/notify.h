/* SPDX-License-Identifier: MIT */
/*
 * notify.h - tell the service manager how we are: sd_notify(3), without its library.
 *
 * Everything here does nothing where $NOTIFY_SOCKET names no socket, as on a terminal.
 *
 * Threads: any, but notify_watch(): the main thread, once.
 */
#ifndef CORE_NOTIFY_H
#define CORE_NOTIFY_H

/* It is up; also after notify_reloading(), when that is over. */
void notify_ready(void);

/* The configuration is being read anew. */
void notify_reloading(void);

/* It was told to stop, and is at it. */
void notify_stopping(void);

/*
 * From now on the main loop says that it turns, twice in the time that WatchdogSec= grants
 * ($WATCHDOG_USEC). Does nothing where nobody wants to know.
 */
void notify_watch(void);

#endif
