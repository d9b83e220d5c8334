import Glibc

/// Reads files of which nobody knows what they are: no more of them than is wanted, and without
/// waiting for ever where nobody writes into a pipe.
public enum BoundedFile {
  public enum Trouble: Error, Hashable {
    /// There is none of that name.
    case missing
    case isFolder
    /// It holds more than `limit` bytes; `size` is what the file system says, nil for what has no size.
    case tooLarge(size: Int?, limit: Int)
    /// Nobody writes into the pipe, or too slowly.
    case silent
    /// What the system says.
    case system(Int32)

    /// In words, behind the name of the file.
    public var description: String {
      switch self {
      case .missing: "is not there"
      case .isFolder: "is a folder"
      case .tooLarge(let size?, let limit):
        "has \(Self.mebibytes(size)) MiB; at most \(Self.mebibytes(limit)) MiB are read"
      case .tooLarge(nil, let limit):
        "does not end; at most \(Self.mebibytes(limit)) MiB are read"
      case .silent: "is a pipe into which nobody writes"
      case .system(let code): "cannot be read: \(String(cString: strerror(code)))"
      }
    }

    private static func mebibytes(_ bytes: Int) -> Int { bytes >> 20 }
  }

  /// How long a pipe is waited for, in milliseconds.
  public static let patience: Int32 = 5000

  /// The bytes of a file, of which there may be at most `limit`.
  public static func read(
    _ path: String, limit: Int, patience: Int32 = patience
  ) throws(Trouble) -> [UInt8] {
    // A pipe without a writer would keep the thread.
    let file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
    guard file >= 0 else {
      throw errno == ENOENT || errno == ENOTDIR ? .missing : .system(errno)
    }
    defer { close(file) }
    var status = stat()
    guard fstat(file, &status) == 0 else { throw .system(errno) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFDIR { throw .isFolder }
    if kind == S_IFREG, status.st_size > limit {
      throw .tooLarge(size: Int(status.st_size), limit: limit)
    }
    return try contents(of: file, kind != S_IFREG ? patience : nil, limit: limit)
  }

  private static func contents(
    of file: Int32, _ patience: Int32?, limit: Int
  ) throws(Trouble) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1 << 16)
    if let patience { try wait(for: file, patience) }
    while true {
      let count = Glibc.read(file, &buffer, buffer.count)
      if count > 0 {
        bytes += buffer[..<count]
        guard bytes.count <= limit else { throw .tooLarge(size: nil, limit: limit) }
      } else if count == 0 {
        return bytes
      } else if errno == EAGAIN {
        try wait(for: file, patience ?? Self.patience)
      } else if errno != EINTR {
        throw .system(errno)
      }
    }
  }

  private static func wait(for file: Int32, _ patience: Int32) throws(Trouble) {
    var wanted = pollfd(fd: file, events: Int16(POLLIN), revents: 0)
    let found = poll(&wanted, 1, patience)
    if found == 0 { throw .silent }
    if found < 0, errno != EINTR { throw .system(errno) }
  }
}
