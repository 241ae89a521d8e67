//! How much is too much: of a file, of its rows, of what a workbook unpacks to.

/// Bytes of a file.
pub const FILE_BYTES: u64 = 200 * 1024 * 1024;
/// Bytes of a workbook, which is read as a whole.
pub const WORKBOOK_BYTES: u64 = 30 * 1024 * 1024;
/// Bytes that a workbook may unpack to.
pub const UNPACKED_BYTES: u64 = 300 * 1024 * 1024;
/// How many times its size a part of a workbook may unpack to, once it is past [`SMALL_PART`].
pub const UNPACKED_RATIO: u64 = 200;
/// Parts that unpack to no more are harmless, however well they were packed.
pub const SMALL_PART: u64 = 10 * 1024 * 1024;
/// Rows of a file.
pub const ROWS: u32 = 500_000;
/// Columns of a row.
pub const COLUMNS: usize = 200;
/// Bytes of a row. The longest sound notice takes half of it.
pub const ROW_BYTES: usize = 256 * 1024;
/// Rows that are worked on together, and then recorded.
pub const CHUNK_ROWS: usize = 500;
/// Bytes of them.
pub const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Bytes of a file that are fetched at a time.
pub const BLOCK_BYTES: u64 = 1024 * 1024;
