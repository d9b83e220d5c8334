import Foundation
import Glibc

/// Threads of our own. Foundation's `Thread` says nothing where the system gives no further one, and
/// whoever waits for its work waits for ever.
public enum NewThread {
  private final class Work {
    let body: @Sendable () -> Void
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// Starts a thread. Where the system gives none, for want of memory or of a higher limit, the process
  /// says so and ends: what it holds in databases is let go by that, and a run can be resumed.
  public static func start(named name: String, _ body: @escaping @Sendable () -> Void) {
    var attributes = pthread_attr_t()
    pthread_attr_init(&attributes)
    defer { pthread_attr_destroy(&attributes) }
    pthread_attr_setdetachstate(&attributes, Int32(PTHREAD_CREATE_DETACHED))
    let work = Unmanaged.passRetained(
      Work {
        Thread.current.name = name
        body()
      })
    var handle = pthread_t()
    let status = pthread_create(
      &handle, &attributes,
      { argument in
        guard let argument else { return nil }
        let work = Unmanaged<Work>.fromOpaque(argument).takeRetainedValue()
        work.body()
        return nil
      }, work.toOpaque())
    if status == 0 { return }
    let reason = String(cString: strerror(status))
    let text =
      "error: no further thread can be started (\(reason)): more memory, or a higher limit of threads, is needed\n"
    // Whatever became of standard error: the end is what counts.
    _ = text.withCString { write(STDERR_FILENO, $0, strlen($0)) }
    _exit(1)
  }
}
