/// The first lines of a request over HTTP/1.x, as far as somebody needs them who answers one page.
struct HTTPRequestHead {
  let method: String
  /// The path without what follows a `?`.
  let path: String

  /// Where a head ends in some bytes: behind its empty line; nil where there is none yet.
  static func end(in bytes: [UInt8]) -> Int? {
    let newline = UInt8(ascii: "\n")
    var place = bytes.startIndex
    while let stop = bytes[place...].firstIndex(of: newline) {
      let line = bytes[place..<stop]
      if line.isEmpty || line.elementsEqual([UInt8(ascii: "\r")]) { return stop + 1 }
      place = stop + 1
    }
    return nil
  }

  /// Nil for what is no request of HTTP/1.x.
  init?(_ bytes: some Collection<UInt8>) {
    let line = bytes.prefix { $0 != UInt8(ascii: "\r") && $0 != UInt8(ascii: "\n") }
    let words = line.split(separator: UInt8(ascii: " "), omittingEmptySubsequences: false)
      .map { String(decoding: $0, as: UTF8.self) }
    guard words.count == 3, words[2].hasPrefix("HTTP/1."), words[1].hasPrefix("/") else {
      return nil
    }
    method = words[0]
    path = String(words[1].prefix { $0 != "?" })
  }
}

/// What a request is answered.
struct HTTPAnswer {
  var status: Int
  var reason: String
  var type = "text/plain"
  /// The methods that the path knows, where it was asked by another one.
  var allow: String?
  var text: String

  static let notFound = HTTPAnswer(status: 404, reason: "Not Found", text: "not found\n")
  static func methodNotAllowed(_ allow: String) -> HTTPAnswer {
    HTTPAnswer(
      status: 405, reason: "Method Not Allowed", allow: allow, text: "ask with \(allow)\n")
  }
  static let badRequest = HTTPAnswer(status: 400, reason: "Bad Request", text: "no request\n")
  static let headTooLarge = HTTPAnswer(
    status: 431, reason: "Request Header Fields Too Large", text: "the request is too long\n")

  /// The bytes to be sent.
  /// - Parameter isHead: whether only the head was asked for.
  func bytes(isHead: Bool) -> [UInt8] {
    let allowed = allow.map { "Allow: \($0)\r\n" } ?? ""
    let head = """
      HTTP/1.1 \(status) \(reason)\r
      \(allowed)Content-Type: \(type)\r
      Content-Length: \(text.utf8.count)\r
      Connection: close\r
      \r

      """
    return Array((isHead ? head : head + text).utf8)
  }
}
