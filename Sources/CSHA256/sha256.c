#include "CSHA256.h"

#if defined(__x86_64__)

#include <cpuid.h>
#include <immintrin.h>

// With AVX an instruction need not overwrite one of its sources: two messages at a time take 4 % less.
#define WITH_SHA __attribute__((target("sha,avx")))

// Whether the system keeps the registers that AVX needs (XCR0, bits 1 and 2).
__attribute__((target("xsave"))) static int system_has_avx(void) { return (_xgetbv(0) & 6) == 6; }

int csha256_is_available(void) {
    unsigned a, b, c, d;
    if (!__get_cpuid(1, &a, &b, &c, &d)) return 0;
    if (!(c & bit_OSXSAVE) || !(c & bit_AVX) || !system_has_avx()) return 0;
    if (!__get_cpuid_count(7, 0, &a, &b, &c, &d)) return 0;
    return (b & bit_SHA) != 0;
}

// FIPS 180-4, section 4.2.2.
static const uint32_t constants[64] __attribute__((aligned(16))) = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};

// A hash value as the instructions want it: the words a, b, e, f and c, d, g, h.
struct halves {
    __m128i abef, cdgh;
};

WITH_SHA static inline struct halves split(const uint32_t state[8]) {
    __m128i abcd = _mm_loadu_si128((const __m128i *)state);
    __m128i efgh = _mm_loadu_si128((const __m128i *)(state + 4));
    abcd = _mm_shuffle_epi32(abcd, 0xb1);
    efgh = _mm_shuffle_epi32(efgh, 0x1b);
    struct halves halves = {_mm_alignr_epi8(abcd, efgh, 8), _mm_blend_epi16(efgh, abcd, 0xf0)};
    return halves;
}

WITH_SHA static inline void join(struct halves halves, uint32_t state[8]) {
    __m128i feba = _mm_shuffle_epi32(halves.abef, 0x1b);
    __m128i dchg = _mm_shuffle_epi32(halves.cdgh, 0xb1);
    _mm_storeu_si128((__m128i *)state, _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128((__m128i *)(state + 4), _mm_alignr_epi8(dchg, feba, 8));
}

// Four words of the message schedule (section 6.2.2, step 1): the message's own, then ones made of the sixteen before.
WITH_SHA static inline __m128i scheduled(__m128i words[4], const uint8_t *bytes, int group) {
    const __m128i big_endian = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    __m128i next;
    if (group < 4) {
        next = _mm_shuffle_epi8(_mm_loadu_si128((const __m128i *)(bytes + 16 * group)), big_endian);
    } else {
        __m128i last = words[(group + 3) & 3];
        next = _mm_sha256msg1_epu32(words[group & 3], words[(group + 1) & 3]);
        next = _mm_add_epi32(next, _mm_alignr_epi8(last, words[(group + 2) & 3], 4));
        next = _mm_sha256msg2_epu32(next, last);
    }
    words[group & 3] = next;
    return _mm_add_epi32(next, _mm_load_si128((const __m128i *)(constants + 4 * group)));
}

// Four rounds (step 3).
WITH_SHA static inline void rounds(struct halves *halves, __m128i words) {
    halves->cdgh = _mm_sha256rnds2_epu32(halves->cdgh, halves->abef, words);
    halves->abef = _mm_sha256rnds2_epu32(halves->abef, halves->cdgh, _mm_shuffle_epi32(words, 0x0e));
}

WITH_SHA static inline void add(struct halves *halves, struct halves other) {
    halves->abef = _mm_add_epi32(halves->abef, other.abef);
    halves->cdgh = _mm_add_epi32(halves->cdgh, other.cdgh);
}

// `count` is a constant wherever this is inlined, so that its loops over lanes leave nothing of themselves.
WITH_SHA static inline __attribute__((always_inline)) void take(const struct csha256_lane *lanes, const int count,
                                                                size_t blocks) {
    struct halves before[CSHA256_MOST_LANES], now[CSHA256_MOST_LANES];
    for (int lane = 0; lane < count; lane++) now[lane] = before[lane] = split(lanes[lane].state);
    for (size_t place = 0; place < 64 * blocks; place += 64) {
        __m128i words[CSHA256_MOST_LANES][4];
#pragma clang loop unroll(full)
        for (int group = 0; group < 16; group++) {
#pragma clang loop unroll(full)
            for (int lane = 0; lane < count; lane++)
                rounds(&now[lane], scheduled(words[lane], lanes[lane].bytes + place, group));
        }
#pragma clang loop unroll(full)
        for (int lane = 0; lane < count; lane++) {
            add(&now[lane], before[lane]);
            before[lane] = now[lane];
        }
    }
    for (int lane = 0; lane < count; lane++) join(now[lane], lanes[lane].state);
}

WITH_SHA void csha256_take(const struct csha256_lane *lanes, int count, size_t blocks) {
    switch (count) {
        case 1: return take(lanes, 1, blocks);
        case 2: return take(lanes, 2, blocks);
        case 3: return take(lanes, 3, blocks);
        case 4: return take(lanes, 4, blocks);
    }
}

#else

int csha256_is_available(void) { return 0; }

void csha256_take(const struct csha256_lane *lanes, int count, size_t blocks) { (void)lanes, (void)count, (void)blocks; }

#endif
