import PipelineFiles

/// A way to tell people.
public protocol AlertWay: Sendable {
  /// `webhook`, `command`, `mail`.
  var name: String { get }
  /// Tells it, and waits until that is done. Blocks the thread.
  /// - Throws: `AlertTrouble`.
  func send(_ alert: Alert) throws
}

/// Why an alert could not be delivered. Says nothing of addresses and keys.
public struct AlertTrouble: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}

/// Whom a project tells of what.
public struct AlertSettings: Sendable {
  public let ways: [any AlertWay]
  public let kinds: Set<AlertKind>

  public init(ways: [any AlertWay], kinds: Set<AlertKind>) {
    self.ways = ways
    self.kinds = kinds
  }

  /// What `alerts:` says; tells nobody where it says nothing.
  /// - Parameter reader: where messages go about variables that are not set. Their ways are left out.
  public init(_ project: Project, _ reader: Reader) {
    guard let alerts = project.settings.alerts else {
      self.init(ways: [], kinds: [])
      return
    }
    var ways: [any AlertWay] = []
    if let address = alerts.webhook?.resolve(reader) {
      let key = alerts.signingKey?.resolve(reader)
      // Who set a key relies on it.
      if alerts.signingKey == nil || key != nil { ways.append(Webhook(address: address, key: key)) }
    }
    if let command = alerts.command?.values.map(\.text), let program = command.first {
      // A path of the project, or a name to be looked for.
      let path = program.contains("/") ? Paths.join(project.root, program) : program
      let variables = alerts.commandVariables.map { ($0.text, $0.value(reader)) }
      if variables.allSatisfy({ $0.1 != nil }) {
        ways.append(
          AlertCommand(
            command: [path] + command.dropFirst(),
            environment: ChildEnvironment.common.merging(
              variables.map { ($0, $1?.revealed ?? "") }, uniquingKeysWith: { $1 })))
      }
    }
    if let addresses = alerts.mail?.values.map(\.text), !addresses.isEmpty {
      ways.append(Mail(addresses: addresses, sendmail: alerts.sendmail.text))
    }
    self.init(ways: ways, kinds: Set(alerts.on))
  }
}
