import Foundation
import Synchronization

/// A web server on a port of its own that answers with the statuses it is told, then with 200.
final class Receiver: Sendable {
  struct Request: Sendable {
    let headers: [String: String]
    let body: String
  }

  private let statuses: Mutex<[Int]>
  private let answers: Bool
  private let taken = Mutex<[Request]>([])
  private let socket: Int32
  let port: UInt16

  var requests: [Request] { taken.withLock { $0 } }

  /// - Parameter answers: whether it answers at all; otherwise it only takes requests.
  init(statuses: [Int] = [], answers: Bool = true) throws {
    self.statuses = Mutex(statuses)
    self.answers = answers
    socket = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = inet_addr("127.0.0.1")
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let socket = socket
    let isBound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket, $0, size) == 0 && listen(socket, 16) == 0
          && getsockname(socket, $0, &size) == 0
      }
    }
    guard isBound else { throw CocoaError(.fileReadUnknown) }
    port = UInt16(bigEndian: address.sin_port)
    Thread.detachNewThread { [weak self] in
      while true {
        let connection = accept(socket, nil, nil)
        if connection < 0 { return }
        guard let self else { return }
        self.answer(connection)
      }
    }
  }

  deinit {
    shutdown(socket, Int32(SHUT_RDWR))
    close(socket)
  }

  private func answer(_ connection: Int32) {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      let text = String(decoding: bytes, as: UTF8.self)
      if let end = text.range(of: "\r\n\r\n") {
        let headers = Self.headers(text[..<end.lowerBound])
        let body = String(text[end.upperBound...])
        if body.utf8.count >= Int(headers["content-length"] ?? "0") ?? 0 {
          taken.withLock { $0.append(Request(headers: headers, body: body)) }
          break
        }
      }
      let count = read(connection, &buffer, buffer.count)
      if count <= 0 { break }
      bytes += buffer[..<count]
    }
    // The caller gives up; the system closes the connection with the process.
    guard answers else { return }
    let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
    let answer = Array(
      "HTTP/1.1 \(status) X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n".utf8)
    _ = send(connection, answer, answer.count, Int32(MSG_NOSIGNAL))
    close(connection)
  }

  private static func headers(_ text: Substring) -> [String: String] {
    var found: [String: String] = [:]
    for line in text.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      guard parts.count == 2 else { continue }
      found[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    return found
  }
}
