import Glibc
import PipelineFiles

/// A file of figures for the textfile collector of node_exporter.
struct MetricsFile {
  let path: String

  /// How long a pipe may take nothing, in milliseconds.
  private static let patience: Int32 = 10_000
  private static let mostLinks = 40

  /// Replaces the file in one step; all may read it. A link stays, and what it leads to is replaced;
  /// pipes and devices are written to.
  /// - Throws: `CommandFailure` with the file and the reason.
  func write(_ text: String) throws {
    var status = stat()
    let isThere = stat(path, &status) == 0
    let isFile = !isThere || status.st_mode & S_IFMT == S_IFREG
    // What stands there names what is open already, such as /dev/stdout.
    let isOpen = ["/dev/", "/proc/"].contains { path.hasPrefix($0) }
    if isFile, !isOpen {
      try replace(try destination(), text)
    } else {
      try send(text)
    }
  }

  /// Where the links end.
  private func destination() throws -> String {
    var place = path
    for _ in 0..<Self.mostLinks {
      var buffer = [CChar](repeating: 0, count: Int(PATH_MAX))
      let count = readlink(place, &buffer, buffer.count)
      if count < 0 { return place }
      let bytes = buffer[..<count].map { UInt8(bitPattern: $0) }
      let link = String(decoding: bytes, as: UTF8.self)
      place = Paths.isAbsolute(link) ? link : Paths.folder(of: place) + "/" + link
    }
    throw failure(ELOOP)
  }

  private func replace(_ path: String, _ text: String) throws {
    // The collector reads *.prom, so it never sees this one.
    let new = "\(path).\(getpid()).new"
    unlink(new)
    let file = open(new, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    guard file >= 0 else { throw failure(errno) }
    let problem = Self.write(text, to: file) ?? (fchmod(file, 0o644) == 0 ? nil : errno)
    close(file)
    if problem == nil, rename(new, path) == 0 { return }
    let code = problem ?? errno
    unlink(new)
    throw failure(code)
  }

  private func send(_ text: String) throws {
    // Nobody may read the other end of a pipe.
    let file = open(path, O_WRONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC)
    guard file >= 0 else { throw failure(errno) }
    defer { close(file) }
    if let problem = Self.write(text, to: file) { throw failure(problem) }
  }

  /// - Returns: what the system says where it does not take everything.
  private static func write(_ text: String, to file: Int32) -> Int32? {
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
      if count >= 0 {
        bytes = bytes.dropFirst(count)
      } else if errno == EAGAIN {
        var wanted = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
        if poll(&wanted, 1, patience) == 0 { return ETIMEDOUT }
      } else if errno != EINTR {
        return errno
      }
    }
    return nil
  }

  private func failure(_ code: Int32) -> CommandFailure {
    let reason = code == ENXIO ? "nobody reads it" : String(cString: strerror(code))
    return CommandFailure("\(path) cannot be written: \(reason)", .stageFailed)
  }
}
