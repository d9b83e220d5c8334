import Glibc

/// What this process has used so far.
public enum ProcessUse {
  /// Seconds of processor time, of all threads and in the kernel too.
  public static var processorSeconds: Double {
    var time = timespec()
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }

  /// The most memory that it held at once, in bytes.
  public static var peakBytes: Int {
    var use = rusage()
    getrusage(RUSAGE_SELF.rawValue, &use)
    return use.ru_maxrss * 1024
  }
}
