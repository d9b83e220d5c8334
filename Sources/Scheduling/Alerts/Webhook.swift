import Cryptography
import Foundation
import FoundationNetworking
import PipelineFiles
import Synchronization

/// A POST with the alert as JSON, signed where there is a key.
struct Webhook: AlertWay {
  let name = "webhook"
  let address: Secret
  let key: Secret?
  /// In seconds.
  var timeout = 10.0

  func send(_ alert: Alert) throws {
    let now = Int(Date().timeIntervalSince1970)
    guard let request = request(alert, at: now) else {
      throw AlertTrouble("the address of the webhook is no http or https URL")
    }
    let answer = Mutex<Result<Int, AlertTrouble>>(.failure(AlertTrouble("no answer")))
    let done = DispatchSemaphore(value: 0)
    let session = URLSession(configuration: .ephemeral)
    let task = session.dataTask(with: request) { _, response, error in
      answer.withLock {
        if let response = response as? HTTPURLResponse {
          $0 = .success(response.statusCode)
        } else {
          // Its text may hold the address, and that a key.
          let code = (error as? URLError)?.code.rawValue
          $0 = .failure(AlertTrouble("not reached" + (code.map { " (URLError \($0))" } ?? "")))
        }
      }
      done.signal()
    }
    task.resume()
    if done.wait(timeout: .now() + timeout + 1) == .timedOut { task.cancel() }
    session.invalidateAndCancel()
    let status = try answer.withLock { $0 }.get()
    guard (200..<300).contains(status) else { throw AlertTrouble("answered \(status)") }
  }

  /// The request; nil where the address is none.
  func request(_ alert: Alert, at time: Int) -> URLRequest? {
    guard let url = URL(string: address.revealed),
      ["http", "https"].contains(url.scheme?.lowercased() ?? ""), url.host != nil
    else { return nil }
    let body = alert.json.text
    var request = URLRequest(url: url, timeoutInterval: timeout)
    request.httpMethod = "POST"
    request.httpBody = Data(body.utf8)
    request.setValue("application/json", forHTTPHeaderField: "Content-Type")
    request.setValue("roost", forHTTPHeaderField: "User-Agent")
    request.setValue(String(alert.id), forHTTPHeaderField: "Roost-Alert")
    if let key {
      request.setValue(
        Self.signature(of: body, at: time, key: key), forHTTPHeaderField: "Roost-Signature")
    }
    return request
  }

  /// `t=<seconds since 1970>,v1=<HMAC-SHA256 of "<t>.<body>" in hexadecimal>`.
  static func signature(of body: String, at time: Int, key: Secret) -> String {
    let hash = HMAC.sha256(
      key: Array(key.revealed.utf8), message: Array("\(time).\(body)".utf8))
    return "t=\(time),v1=\(hash.hexadecimal)"
  }
}
