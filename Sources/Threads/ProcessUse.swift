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

  /// The memory that it holds now, in bytes.
  public static var residentBytes: Int {
    guard let file = fopen("/proc/self/statm", "r") else { return 0 }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 128)
    guard fgets(&line, Int32(line.count), file) != nil else { return 0 }
    let words = String(
      decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self
    )
    .split(separator: " ")
    return words.count > 1 ? (Int(words[1]) ?? 0) * Int(sysconf(Int32(_SC_PAGESIZE))) : 0
  }
}
