package storage

/*
#include <malloc.h>

// truce_keep_memory tells glibc to keep what SQLite frees; other libraries have no such option.
static void truce_keep_memory(void) {
#ifdef M_TRIM_THRESHOLD
	mallopt(M_TRIM_THRESHOLD, 32 << 20);
	mallopt(M_MMAP_THRESHOLD, 4 << 20);
#endif
}
*/
import "C"

// SQLite takes 64 kB for the journal of a statement and frees them at its end. Where they lie at the end of the heap, glibc gives
// them back to the kernel each time and takes them anew for the next statement: an update of a lead took 20 to 40 times as long.
// At most 32 MB are kept for each of the allocator's arenas. Source: mallopt(3), M_TRIM_THRESHOLD; setting it ends the adjusting
// of M_MMAP_THRESHOLD, which is why that one is set too.
func init() { C.truce_keep_memory() }
