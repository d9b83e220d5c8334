import Foundation
import Synchronization

/// Cancels work when the process is asked to stop, so that it can settle what it began.
enum Interruption {
  /// Runs `body` in a task that SIGINT, SIGTERM and SIGHUP cancel; under nohup, not the last. A second
  /// signal ends the process at once, whatever it does or waits for.
  static func cancelling<Value: Sendable>(
    _ body: @escaping @Sendable () async throws -> Value
  ) async throws -> Value {
    let task = Task { try await body() }
    let isWatching = StopSignals.watch { task.cancel() }
    defer { if isWatching { StopSignals.forget() } }
    return try await task.value
  }
}

/// The signals that ask a process to stop. They are heard on a thread of their own: the pool of Swift's
/// tasks may be busy or hang.
enum StopSignals {
  /// Whoever ends a process may send its signal twice, as `timeout` and a closed terminal do; what
  /// follows within this time is the same wish. In milliseconds.
  private static let sameWish = 1000

  /// Both ends of the pipe from the handler to the thread.
  private static let ends: (read: Int32, write: Int32) = {
    var ends: [Int32] = [-1, -1]
    if pipe(&ends) == 0 { for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) } }
    return (ends[0], ends[1])
  }()
  /// When the first signal came, in milliseconds of the monotonic clock; 0 for none yet.
  private static let heardAt = Atomic<Int>(0)
  private static let told = Mutex<(@Sendable () -> Void)?>(nil)
  private static let lastWords: StaticString =
    "error: ended at once; a run that was under way is lost, and --resume goes on with it\n"

  /// Calls `tell` when the first signal comes.
  /// - Returns: false where the system does not allow it; signals then end the process as they come.
  static func watch(_ tell: @escaping @Sendable () -> Void) -> Bool {
    // Made before the handler, which must not wait for anything.
    guard ends.read >= 0, heardAt.load(ordering: .relaxed) >= 0, lastWords.utf8CodeUnitCount > 0
    else { return false }
    let isFirst = told.withLock { told in
      defer { told = tell }
      return told == nil
    }
    if isFirst {
      let thread = Thread { listen() }
      thread.name = "signals"
      thread.start()
    }
    for number in [SIGINT, SIGTERM] + (isIgnored(SIGHUP) ? [] : [SIGHUP]) {
      signal(number) { _ in StopSignals.hear() }
    }
    return true
  }

  /// Nobody is told any more; a second signal still ends the process.
  static func forget() { told.withLock { $0 = {} } }

  /// The handler: does only what POSIX allows one.
  private static func hear() {
    let problem = errno
    defer { errno = problem }
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    let now = max(1, time.tv_sec * 1000 + time.tv_nsec / 1_000_000)
    let (isFirst, first) = heardAt.compareExchange(
      expected: 0, desired: now, ordering: .sequentiallyConsistent)
    if isFirst {
      var byte: UInt8 = 0
      _ = write(ends.write, &byte, 1)
    } else if now - first > sameWish {
      _ = write(STDERR_FILENO, lastWords.utf8Start, lastWords.utf8CodeUnitCount)
      // That of a command that was cancelled.
      _exit(130)
    }
  }

  private static func listen() {
    var byte: UInt8 = 0
    while read(ends.read, &byte, 1) < 0, errno == EINTR {}
    if Console.isTerminal { Console.note("stopping; a second Ctrl-C ends it at once") }
    told.withLock { $0 }?()
  }

  private static func isIgnored(_ number: Int32) -> Bool {
    var action = sigaction()
    sigaction(number, nil, &action)
    return unsafeBitCast(action.__sigaction_handler.sa_handler, to: Int.self)
      == unsafeBitCast(SIG_IGN, to: Int.self)
  }
}
