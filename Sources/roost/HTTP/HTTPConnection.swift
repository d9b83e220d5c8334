import Glibc

/// A connection of somebody who asks, from its first byte to its last. Never blocks.
struct HTTPConnection {
  enum Phase {
    case reading
    /// For the answer.
    case waiting(isHead: Bool)
    case writing
    /// What still comes is thrown away: to close with bytes unread would tear the answer off.
    case draining
  }

  /// A longer head is refused.
  static let longestHead = 8 << 10
  /// How much of what comes behind a head is thrown away.
  static let mostDrained = 1 << 20
  /// In seconds: for the head, for the answer, for what is sent.
  static let patience = (head: 10, answer: 60, sending: 10, draining: 2)

  let number: Int
  let descriptor: Int32
  private(set) var phase = Phase.reading
  private(set) var deadline = ContinuousClock.now + .seconds(patience.head)
  private(set) var isOver = false
  private var head: [UInt8] = []
  private var output: ArraySlice<UInt8> = []
  private var drained = 0

  init(number: Int, descriptor: Int32) {
    self.number = number
    self.descriptor = descriptor
  }

  /// What is waited for.
  var events: Int16 {
    switch phase {
    case .reading, .draining: Int16(POLLIN)
    case .waiting: 0
    case .writing: Int16(POLLOUT)
    }
  }

  /// Goes on as far as the connection lets it.
  /// - Returns: a request that is to be answered.
  mutating func proceed(_ found: Int16) -> HTTPRequestHead? {
    switch phase {
    case .reading: return read()
    case .waiting:
      // Whoever asked is gone.
      if found & Int16(POLLHUP | POLLERR) != 0 { isOver = true }
    case .writing: send()
    case .draining: drain()
    }
    return nil
  }

  mutating func answer(_ answer: HTTPAnswer) {
    var isHead = false
    if case .waiting(true) = phase { isHead = true }
    output = answer.bytes(isHead: isHead)[...]
    phase = .writing
    deadline = .now + .seconds(Self.patience.sending)
    send()
  }

  mutating func end() { isOver = true }

  private mutating func read() -> HTTPRequestHead? {
    var buffer = [UInt8](repeating: 0, count: Self.longestHead + 1)
    let count = recv(descriptor, &buffer, buffer.count - head.count, 0)
    guard count > 0 else {
      if count == 0 || errno != EAGAIN && errno != EINTR { isOver = true }
      return nil
    }
    head += buffer[..<count]
    guard let end = HTTPRequestHead.end(in: head) else {
      if head.count > Self.longestHead { answer(.headTooLarge) }
      return nil
    }
    guard let request = HTTPRequestHead(head[..<end]) else {
      answer(.badRequest)
      return nil
    }
    phase = .waiting(isHead: request.method == "HEAD")
    deadline = .now + .seconds(Self.patience.answer)
    return request
  }

  private mutating func send() {
    while !output.isEmpty {
      let count = output.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
      }
      if count > 0 {
        output = output.dropFirst(count)
      } else {
        if errno == EINTR { continue }
        if errno != EAGAIN { isOver = true }
        return
      }
    }
    shutdown(descriptor, Int32(SHUT_WR))
    phase = .draining
    deadline = .now + .seconds(Self.patience.draining)
  }

  private mutating func drain() {
    var buffer = [UInt8](repeating: 0, count: 1 << 14)
    let count = recv(descriptor, &buffer, buffer.count, 0)
    drained += max(0, count)
    if count == 0 || count < 0 && errno != EAGAIN && errno != EINTR || drained > Self.mostDrained {
      isOver = true
    }
  }
}
