/* Functions that the programs' libraries take from a newer glibc than Enterprise Linux 9 and Ubuntu 22.04 have (2.34, 2.35).
   contrib/build links these instead, so that one build runs on all of them. Nothing here is on the protocol's way. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/random.h>

/* glibc 2.35's version; Swift's standard library names it for Float. */
float hypotf(float x, float y) {
    if (isinf(x) || isinf(y)) return INFINITY;
    /* A double has room for the square of any float. */
    return (float)__builtin_sqrt((double)x * x + (double)y * y);
}

/* glibc 2.36; libstdc++'s random device. */
uint32_t arc4random(void) {
    uint32_t value;
    if (getrandom(&value, sizeof value, 0) != sizeof value) abort();
    return value;
}
