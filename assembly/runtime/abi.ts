// The memory layout that the core and its TypeScript side agree on. This file is compiled by both compilers: plain numbers only.
//
// A record is one call of one kernel. Records are consecutive; a run walks them.
//
//   ┌────────┬───────┬───────┬─────────┬──────────────────────────────────────────────────────────┐
//   │ kernel │ bytes │ flags │ per row │ args: one u32 per slot (addresses, counts, float32 bits) │
//   └────────┴───────┴───────┴─────────┴──────────────────────────────────────────────────────────┘
//   0        4       8       12        16

/** u32: the kernel's index in the exported function table. */
export const RECORD_KERNEL = 0;
/** u32: bytes of the whole record, a multiple of 16. */
export const RECORD_BYTES = 4;
/** u32: a sum of the FLAG_ constants. */
export const RECORD_FLAGS = 8;
/** u32: elements of the kernel's main tensor per row. */
export const RECORD_PER_ROW = 12;
/** The first slot of the arguments. Address 0 in a slot means "not requested". */
export const RECORD_ARGS = 16;

/** The kernel writes its parameter gradients; without the flag it adds to them. */
export const FLAG_OVERWRITE = 1;

// How a record's work is divided among threads (pool.ts). Each works on a copy of the record, in which slots have moved: after the
// arguments follows a table of what slots move by, MOVE_BYTES each.

/** Each thread takes some of the rows. */
export const FLAG_ROWS = 2;
/** Each thread takes some of the `per row` elements. */
export const FLAG_ELEMENTS = 4;
/** The kernel itself asks threadRange.ts for its range. */
export const FLAG_KERNEL = 8;
/** One of these three. */
export const FLAG_SHARED = 14;
/** Rows are distributed in fours, since a single one may end within a vector. */
export const FLAG_FOURS = 16;
/** A thread's part has POOL_PIECES pieces: whoever is done with its own takes what is left of others'. */
export const FLAG_PIECES = 32;
/** Eight bits from here on each: slots of the arguments; the number of moves; for so many rows it is worth it, as a power of two. */
export const FLAG_ARGS_SHIFT = 8;
export const FLAG_MOVES_SHIFT = 16;
export const FLAG_ROWS_SHIFT = 24;
/** u32: bytes from the record to the slot. */
export const MOVE_SLOT = 0;
/** u32: bytes that it moves with each row or element. */
export const MOVE_UNIT = 4;
/** u32: bytes that it moves with each thread. */
export const MOVE_THREAD = 8;
export const MOVE_BYTES = 12;

// A program is a control block and two ranges of records: a pass (gather a batch, forward, loss, backward) and an
// update (check the gradients, clip, optimizer). The fields that a run changes come first.

/** u32: why the last run stopped early: one of the HALT_ constants. */
export const PROGRAM_HALT = 0;
/** u32: 1 in a pass, or stopped in one or in its update. */
export const PROGRAM_STARTED = 4;
/** u64: updates done; bias corrections count from 1. */
export const PROGRAM_STEP = 8;
/** u64: training passes done; it numbers the dropout masks. */
export const PROGRAM_PASS = 16;
/** u64: epochs finished; it numbers the shuffles. */
export const PROGRAM_EPOCH = 24;
/** u32: the next batch's first row, counted in the order of this epoch. */
export const PROGRAM_CURSOR = 32;
/** u32: passes whose gradients are in the sum now. */
export const PROGRAM_MICRO = 36;
/** f64: the penalty of the current pass (regularizers add to it). */
export const PROGRAM_PENALTY = 40;
/** f64: the learning rate of the current update. */
export const PROGRAM_RATE = 48;
/** u32: rows of the data set. */
export const PROGRAM_ROWS = 56;
/** u32: rows of a full batch. */
export const PROGRAM_BATCH = 60;
/** u32: passes per update. */
export const PROGRAM_ACCUMULATE = 64;
/** u32: address of the row order (u32 each), or 0: rows in stored order. */
export const PROGRAM_ORDER = 68;
/** u32: 1 shuffles the order at the start of every epoch. */
export const PROGRAM_SHUFFLE = 72;
/** u32: 1 leaves out a last batch that is not full. */
export const PROGRAM_DROP_LAST = 76;
/** u32: the seed, lower half. */
export const PROGRAM_SEED_LOW = 80;
/** u32: the seed, upper half. */
export const PROGRAM_SEED_HIGH = 84;
/** u32: address of the log, one row per pass. */
export const PROGRAM_LOG = 88;
/** u32: address of the loss (three f64: total, divisor and, of joint losses, that of the epoch so far), or 0: no loss is computed. */
export const PROGRAM_LOSS = 92;
/** u32: first record of the pass. */
export const PROGRAM_PASS_FIRST = 96;
/** u32: end of the pass. */
export const PROGRAM_PASS_LAST = 100;
/** u32: first record of the update. */
export const PROGRAM_UPDATE_FIRST = 104;
/** u32: end of the update; equal to its first record when nothing is to be updated. */
export const PROGRAM_UPDATE_LAST = 108;
/** u32: address of the layers' state, such as running statistics, its bytes, and the address of the copy from before the update. */
export const PROGRAM_STATE = 112;
export const PROGRAM_STATE_BYTES = 116;
export const PROGRAM_STATE_COPY = 120;
/** Bytes of a program. */
export const PROGRAM_BYTES = 128;

/** f64: total of the batch's losses, times their weights. */
export const LOG_TOTAL = 0;
/** f64: what the total is divided by. */
export const LOG_DIVISOR = 8;
/** f64: the batch's penalty. */
export const LOG_PENALTY = 16;
/** f64, read by the run: the learning rate if the pass ends in an update. */
export const LOG_RATE = 24;
/** f64: the loss of the epoch so far, penalties left out: of joint losses alone. */
export const LOG_EPOCH_LOSS = 32;
/** Bytes of a log row. */
export const LOG_BYTES = 40;

// A cell of what a layer keeps from one batch to the next: where it is stored, so that it can move when a batch has other rows.

/** u32: address of what is there after a batch. */
export const KEPT_AFTER = 0;
/** u32: address of what was there before it; outside training the same. */
export const KEPT_BEFORE = 4;
/** u32: bytes of each. */
export const KEPT_BYTES = 8;
/** u64: the pass that it was copied for, from after to before. */
export const KEPT_PASS = 16;
/** Bytes of a cell. */
export const KEPT_CELL_BYTES = 24;

/** u32: 1 where the engine pairs vector operations: tiles of 16 columns pay there. Every kernel gives the same bits with either. */
export const WIDE_TILES = 3068;

/** Where the memory that the planner allocates begins: below are the binaries' constants. */
export const MEMORY_BASE = 10240;

/** Nothing stopped the run. */
export const HALT_NONE = 0;
/** The loss is NaN or infinite. */
export const HALT_LOSS = 1;
/** A gradient is NaN or infinite. */
export const HALT_GRADIENT = 2;
/** A layer's state, such as a running variance, would become infinite. */
export const HALT_STATE = 3;
/** The update might write an infinite number. */
export const HALT_SIZE = 4;

// Streams of random numbers: each use has its own, so that no two uses share numbers.

/** Initial values; the parameter's index is added. */
export const STREAM_INITIAL = 0x10000;
/** Dropout masks; the layer's index is added. */
export const STREAM_MASK = 0x20000;
/** The order of the rows. */
export const STREAM_ORDER = 0x30000;

/** Mean over all elements (class losses: over the rows), weights counted. */
export const REDUCTION_MEAN = 0;
/** Sum. */
export const REDUCTION_SUM = 1;
/** Sum over the elements of a row, mean over the rows. */
export const REDUCTION_BATCH_MEAN = 2;

// A pool of threads: a block of memory that all of them share. What several write has a cache line of its own.

/** u32: counts the records that were distributed; helpers wait for it to change. */
export const POOL_TURN = 0;
/** u32: helpers that are done with the record. */
export const POOL_DONE = 64;
/** u32: helpers that sleep until the next turn. */
export const POOL_SLEEPERS = 128;
/** u32: 1 while the leader sleeps until all are done. */
export const POOL_LEADER_SLEEPS = 132;
/** u32: threads that have come to the barrier, and how often all have. */
export const POOL_BARRIER = 192;
export const POOL_BARRIER_TURN = 196;
/** u32: the record that is distributed, and its rows. */
export const POOL_RECORD = 256;
export const POOL_ROWS = 260;
/** u32: threads, the leader counted. */
export const POOL_THREADS = 264;
/** u32: how often a thread looks before it goes to sleep. */
export const POOL_POLLS = 268;
/** u32: how many consecutive times a thread may sleep, POOL_NAP milliseconds each, before another one counts as dead. */
export const POOL_PATIENCE = 284;
export const POOL_NAP = 100;
/** u32: the current generation of workers; helpers of an earlier one return. */
export const POOL_GENERATION = 272;
/** u32: 0 while all are alive; 1 + the number of a thread that isn't, or POOL_SILENT. */
export const POOL_LOST = 276;
/** u32: 1 while an update changes parameters. */
export const POOL_UPDATING = 280;
/** u32: 1 while a worker leads a run. */
export const POOL_BUSY = 320;
/** Memory for each thread's copy of a record. */
export const POOL_COPIES = 384;
export const POOL_COPY_BYTES = 512;
/** How many pieces a thread's part of a record has. */
export const POOL_PIECES = 4;
/** u32, behind the longest record in a thread's copy: how many pieces of its part have been taken. */
export const POOL_TAKEN = 508;
/** POOL_LOST: a thread has given no sign for too long. */
export const POOL_SILENT = 1000;
