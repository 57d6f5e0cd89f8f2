/* SPDX-License-Identifier: MIT */
/*
 * GLib's locks in a form that ThreadSanitizer understands. Linked into FLAVOR=tsan alone.
 *
 * GLib 2.74 makes GMutex and GCond from futexes inside a library that was not compiled with
 * -fsanitize=thread, so the sanitizer would see threads that share data and never lock. Here the
 * functions that we call are made from POSIX ones, which it knows. The pthread object is made on
 * first use and hangs on the pointer that the GLib type holds; zero means not made yet, as in GLib.
 */
#include <glib.h>

#include <errno.h>
#include <pthread.h>

static pthread_mutex_t *
mutex_of(GMutex *mutex)
{
	pthread_mutex_t *made = g_atomic_pointer_get(&mutex->p);

	if (made)
		return made;
	made = g_new0(pthread_mutex_t, 1);
	pthread_mutex_init(made, NULL);
	if (!g_atomic_pointer_compare_and_exchange(&mutex->p, NULL, made)) {
		g_free(made);
		made = g_atomic_pointer_get(&mutex->p);
	}
	return made;
}

static pthread_cond_t *
cond_of(GCond *cond)
{
	pthread_cond_t *made = g_atomic_pointer_get(&cond->p);

	if (made)
		return made;
	pthread_condattr_t attributes;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	made = g_new0(pthread_cond_t, 1);
	pthread_cond_init(made, &attributes);
	pthread_condattr_destroy(&attributes);
	if (!g_atomic_pointer_compare_and_exchange(&cond->p, NULL, made)) {
		g_free(made);
		made = g_atomic_pointer_get(&cond->p);
	}
	return made;
}

void
g_mutex_init(GMutex *mutex)
{
	mutex->p = NULL;
}

void
g_mutex_clear(GMutex *mutex)
{
	if (!mutex->p)
		return;
	pthread_mutex_destroy(mutex->p);
	g_free(mutex->p);
	mutex->p = NULL;
}

void
g_mutex_lock(GMutex *mutex)
{
	pthread_mutex_lock(mutex_of(mutex));
}

gboolean
g_mutex_trylock(GMutex *mutex)
{
	return pthread_mutex_trylock(mutex_of(mutex)) == 0;
}

void
g_mutex_unlock(GMutex *mutex)
{
	pthread_mutex_unlock(mutex_of(mutex));
}

void
g_cond_init(GCond *cond)
{
	cond->p = NULL;
}

void
g_cond_clear(GCond *cond)
{
	if (!cond->p)
		return;
	pthread_cond_destroy(cond->p);
	g_free(cond->p);
	cond->p = NULL;
}

void
g_cond_wait(GCond *cond, GMutex *mutex)
{
	pthread_cond_wait(cond_of(cond), mutex_of(mutex));
}

gboolean
g_cond_wait_until(GCond *cond, GMutex *mutex, gint64 end_time)
{
	struct timespec until = { .tv_sec = end_time / G_USEC_PER_SEC,
				  .tv_nsec = (end_time % G_USEC_PER_SEC) * 1000 };

	return pthread_cond_timedwait(cond_of(cond), mutex_of(mutex), &until) != ETIMEDOUT;
}

void
g_cond_signal(GCond *cond)
{
	pthread_cond_signal(cond_of(cond));
}

void
g_cond_broadcast(GCond *cond)
{
	pthread_cond_broadcast(cond_of(cond));
}
