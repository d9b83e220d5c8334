import ArgumentParser
import PipelineFiles

/// The schemas in which a command publishes, or looks at what is published.
struct EnvironmentOptions: ParsableArguments {
  @Option(help: "Use copies of the schemas, such as marketing__NAME.")
  var environment: String?

  func resolved() throws -> PublishingEnvironment {
    guard let environment else { return .standard }
    guard let publishing = PublishingEnvironment(named: environment) else {
      throw ValidationError(
        "'\(environment)' names no environment; use small letters, digits and _")
    }
    return publishing
  }
}
