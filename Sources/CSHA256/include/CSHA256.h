// SHA-256 (FIPS 180-4) of whole blocks with the processor's own instructions, of several messages at the same time.
#ifndef DIALVAULT_CSHA256_H
#define DIALVAULT_CSHA256_H

#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instructions; nothing else here may be called where it has not.
int csha256_is_available(void);

// One message: its hash value, and its next bytes.
struct csha256_lane {
    uint32_t *state;
    const uint8_t *bytes;
};

#define CSHA256_MOST_LANES 4

// Takes `blocks` times 64 bytes of each of 1 to 4 messages into its hash value. Each instruction waits for the one before of
// the same message, and the others' run meanwhile: two take hardly longer than one, and four as long as three.
void csha256_take(const struct csha256_lane *lanes, int count, size_t blocks);

#endif
