import CMalloc
import Glibc

/// How the allocator treats large blocks, such as the values of a column.
public enum LargeBlocks {
  /// From this size on a block has pages of its own, which go back to the system when it is freed. Left
  /// to itself glibc raises its threshold up to 32 MiB, and freed columns stay with the process.
  private static let threshold: Int32 = 1 << 19

  /// To be called before there are other threads. What the operator has set stays.
  public static func letGoWhenFreed() {
    if getenv("MALLOC_MMAP_THRESHOLD_") == nil { mallopt(M_MMAP_THRESHOLD, threshold) }
  }
}
