import Foundation
import Synchronization

/// Takes requests over HTTP on a thread of its own, which whoever connects can keep busy without
/// keeping anything else from its work: heads, connections and times have limits, and each connection
/// is asked once. A library that reads heads on the threads of Swift's pool, without a limit, would let
/// them stop schedules and signals.
final class HTTPListener: Sendable {
  typealias Handler = @Sendable (HTTPRequestHead) async -> HTTPAnswer

  /// Of more, the one that has been reading longest is closed.
  static let mostConnections = 32

  private struct Inbox {
    var answers: [(number: Int, answer: HTTPAnswer)] = []
    var isClosed = false
  }

  private let inbox = Mutex(Inbox())
  /// Both ends of a pipe that wakes the thread.
  private let (wakes, wake): (Int32, Int32)

  /// Listens until `stop`.
  /// - Parameter socket: closed at the end.
  /// - Throws: what the system says, as a number of `errno`.
  init(_ socket: ListeningSocket, _ handler: @escaping Handler) throws(ListeningSocket.Trouble) {
    var ends: [Int32] = [0, 0]
    guard pipe(&ends) == 0 else { throw .system(errno) }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    (wakes, wake) = (ends[0], ends[1])
    let thread = Thread { [self] in
      var loop = Loop(self, socket, handler)
      loop.run()
    }
    thread.name = "http"
    thread.start()
  }

  deinit { close(wake) }

  func stop() {
    inbox.withLock { $0.isClosed = true }
    awaken()
  }

  private func deliver(_ answer: HTTPAnswer, to number: Int) {
    inbox.withLock { $0.answers.append((number, answer)) }
    awaken()
  }

  private func awaken() {
    var byte: UInt8 = 0
    // Where the pipe is full, it is awake.
    _ = write(wake, &byte, 1)
  }

  /// The thread's own.
  private struct Loop {
    let owner: HTTPListener
    let socket: ListeningSocket
    let handler: Handler
    var connections: [HTTPConnection] = []
    var next = 0
    /// No connection can be taken before, because the process has no descriptors left.
    var pause: ContinuousClock.Instant?

    init(_ owner: HTTPListener, _ socket: ListeningSocket, _ handler: @escaping Handler) {
      self.owner = owner
      self.socket = socket
      self.handler = handler
    }

    mutating func run() {
      while takeAnswers() {
        let isPaused = pause.map { $0 > .now } ?? false
        var polled = [pollfd(fd: owner.wakes, events: Int16(POLLIN), revents: 0)]
        polled.append(
          pollfd(fd: isPaused ? -1 : socket.descriptor, events: Int16(POLLIN), revents: 0))
        polled += connections.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
        let found = poll(&polled, nfds_t(polled.count), timeout(isPaused))
        if found > 0 {
          if polled[0].revents != 0 { emptyPipe() }
          for place in connections.indices where polled[place + 2].revents != 0 {
            if let request = connections[place].proceed(polled[place + 2].revents) {
              handle(request, connections[place].number)
            }
          }
          if polled[1].revents != 0 { accept() }
        }
        sweep()
      }
      for connection in connections { close(connection.descriptor) }
      close(socket.descriptor)
      close(owner.wakes)
    }

    /// - Returns: false at the end.
    private mutating func takeAnswers() -> Bool {
      let (answers, isClosed) = owner.inbox.withLock { inbox in
        defer { inbox.answers = [] }
        return (inbox.answers, inbox.isClosed)
      }
      for (number, answer) in answers {
        // Nobody may wait for it any more.
        guard let place = connections.firstIndex(where: { $0.number == number }) else { continue }
        connections[place].answer(answer)
      }
      return !isClosed
    }

    private func handle(_ request: HTTPRequestHead, _ number: Int) {
      let (owner, handler) = (owner, handler)
      Task { owner.deliver(await handler(request), to: number) }
    }

    private mutating func accept() {
      let descriptor = Glibc.accept(socket.descriptor, nil, nil)
      guard descriptor >= 0 else {
        if errno == EMFILE || errno == ENFILE { pause = .now + .seconds(1) }
        return
      }
      _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
      _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
      if connections.count >= HTTPListener.mostConnections { closeOne() }
      connections.append(HTTPConnection(number: next, descriptor: descriptor))
      next += 1
    }

    private mutating func closeOne() {
      let place = connections.firstIndex { connection in
        if case .waiting = connection.phase { false } else { true }
      }
      connections[place ?? 0].end()
      sweep()
    }

    private mutating func sweep() {
      let now = ContinuousClock.now
      for connection in connections where connection.isOver || connection.deadline <= now {
        close(connection.descriptor)
      }
      connections.removeAll { $0.isOver || $0.deadline <= now }
    }

    /// Until the first deadline, in milliseconds.
    private func timeout(_ isPaused: Bool) -> Int32 {
      let limits = connections.map(\.deadline) + (isPaused ? [pause].compactMap(\.self) : [])
      guard let first = limits.min() else { return -1 }
      let rest = ContinuousClock.now.duration(to: first)
      return Int32(max(0, min(60_000, rest / .milliseconds(1)))) + 1
    }

    private func emptyPipe() {
      var buffer = [UInt8](repeating: 0, count: 64)
      while read(owner.wakes, &buffer, buffer.count) > 0 {}
    }
  }
}
