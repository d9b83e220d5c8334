import CCurl
import Cryptography
import Foundation
import PipelineFiles

/// A POST with the alert as JSON, signed where there is a key.
struct Webhook: AlertWay {
  let name = "webhook"
  let address: Secret
  let key: Secret?
  /// In seconds.
  var timeout = 10.0

  func send(_ alert: Alert) throws {
    guard let url = URL(string: address.revealed),
      ["http", "https"].contains(url.scheme?.lowercased() ?? ""), url.host != nil
    else { throw AlertTrouble("the address of the webhook is no http or https URL") }
    let body = alert.json.text
    let status = try post(
      url.absoluteString, body, headers(alert, body, at: Int(Date().timeIntervalSince1970)))
    guard (200..<300).contains(status) else { throw AlertTrouble("answered \(status)") }
  }

  /// - Returns: the status of the answer.
  private func post(_ url: String, _ body: String, _ headers: [String]) throws -> Int {
    var status = 0
    let lines = headers.map { strdup($0) }
    defer { for line in lines { free(line) } }
    let problem = curl_post(
      url, lines.map { UnsafePointer($0) } + [nil], body, body.utf8.count, Int(timeout * 1000),
      &status)
    if let problem { throw AlertTrouble("not reached: \(String(cString: problem))") }
    return status
  }

  private func headers(_ alert: Alert, _ body: String, at time: Int) -> [String] {
    [
      "Content-Type: application/json", "User-Agent: roost", "Roost-Alert: \(alert.id)",
      // Bodies are small; a server need not be asked whether it wants them.
      "Expect:",
    ] + (key.map { ["Roost-Signature: \(Self.signature(of: body, at: time, key: $0))"] } ?? [])
  }

  /// `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal>`.
  static func signature(of body: String, at time: Int, key: Secret) -> String {
    let hash = HMAC.sha256(
      key: Array(key.revealed.utf8), message: Array("\(time).\(body)".utf8))
    return "t=\(time),v1=\(hash.hexadecimal)"
  }
}
