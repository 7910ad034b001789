/* Time for limits: seconds of a clock that nobody sets. */
#ifndef BASE_CLOCK_H
#define BASE_CLOCK_H

/* Seconds since some moment before the program's start. */
double clock_seconds(void);

#endif
