// SHA-256 (FIPS 180-4) of whole blocks with the processor's own instructions, of one message or of two at the same time.
#ifndef DIALVAULT_CSHA256_H
#define DIALVAULT_CSHA256_H

#include <stddef.h>
#include <stdint.h>

// Whether this processor has the instructions; nothing else here may be called where it has not.
int csha256_is_available(void);

// Takes `blocks` times 64 bytes into the hash value `state`.
void csha256_blocks(uint32_t state[8], const uint8_t *bytes, size_t blocks);

// The same for two messages: each instruction of one waits for the one before, and the other's run meanwhile, so that both
// take hardly longer than one.
void csha256_pair(uint32_t first[8], const uint8_t *first_bytes, uint32_t second[8], const uint8_t *second_bytes,
                  size_t blocks);

#endif
