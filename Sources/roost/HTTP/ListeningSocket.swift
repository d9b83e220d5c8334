import Glibc

/// A TCP socket that others can connect to.
struct ListeningSocket {
  enum Trouble: Error {
    /// The host is no IP address.
    case noAddress
    case system(Int32)
  }

  let descriptor: Int32
  /// The one that was asked for, or that the system has chosen.
  let port: UInt16

  /// - Parameters:
  ///   - host: an IPv4 or IPv6 address of this machine.
  ///   - port: 0 for one that is free.
  init(host: String, port: UInt16) throws(Trouble) {
    var storage = sockaddr_storage()
    let length = try Self.fill(&storage, host, port)
    let descriptor = socket(
      Int32(storage.ss_family),
      Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)
        | Int32(SOCK_NONBLOCK.rawValue), 0)
    guard descriptor >= 0 else { throw .system(errno) }
    var on: Int32 = 1
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout.size(ofValue: on)))
    let isListening =
      withUnsafePointer(to: &storage) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, length) == 0 }
      } && listen(descriptor, 64) == 0
    guard isListening, let found = Self.port(of: descriptor) else {
      let problem = errno
      close(descriptor)
      throw .system(problem)
    }
    self.descriptor = descriptor
    self.port = found
  }

  private static func fill(
    _ storage: inout sockaddr_storage, _ host: String, _ port: UInt16
  ) throws(Trouble) -> socklen_t {
    var four = sockaddr_in()
    var six = sockaddr_in6()
    if inet_pton(AF_INET, host, &four.sin_addr) == 1 {
      four.sin_family = sa_family_t(AF_INET)
      four.sin_port = port.bigEndian
      withUnsafeMutableBytes(of: &storage) { to in
        withUnsafeBytes(of: &four) { to.copyMemory(from: $0) }
      }
      return socklen_t(MemoryLayout<sockaddr_in>.size)
    }
    guard inet_pton(AF_INET6, host, &six.sin6_addr) == 1 else { throw .noAddress }
    six.sin6_family = sa_family_t(AF_INET6)
    six.sin6_port = port.bigEndian
    withUnsafeMutableBytes(of: &storage) { to in
      withUnsafeBytes(of: &six) { to.copyMemory(from: $0) }
    }
    return socklen_t(MemoryLayout<sockaddr_in6>.size)
  }

  private static func port(of descriptor: Int32) -> UInt16? {
    var storage = sockaddr_in6()
    var length = socklen_t(MemoryLayout<sockaddr_in6>.size)
    let found = withUnsafeMutablePointer(to: &storage) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    // The port stands at the same place in addresses of both kinds.
    return found == 0 ? UInt16(bigEndian: storage.sin6_port) : nil
  }
}
