import Foundation

/// XGBoost's models as they stand in its JSON format.
///
/// Source: <https://xgboost.readthedocs.io/en/release_1.7.0/tutorials/saving_model.html>.
extension TreeEnsemble {
  /// - Parameter rounds: how many rounds of boosting count, as after early stopping; all when nil.
  /// - Throws: `TreeEnsembleError`: `.unsupported` for boosters that are not trees, dropped trees,
  ///   several classes, splits on categories and objectives whose margin is not known here.
  public init(xgboostJSON json: Data, rounds: Int? = nil) throws {
    let learner: XGBoostModel.Learner
    do {
      let decoder = JSONDecoder()
      // XGBoost writes NaN for the thresholds of splits on categories, as only JSON5 has it.
      decoder.allowsJSON5 = true
      learner = try decoder.decode(XGBoostModel.self, from: json).learner
    } catch {
      throw TreeEnsembleError.malformed("this is no model in XGBoost's JSON")
    }
    guard learner.gradientBooster.name == "gbtree", let model = learner.gradientBooster.model else {
      throw TreeEnsembleError.unsupported("a booster '\(learner.gradientBooster.name)'")
    }
    guard model.treeClasses.allSatisfy({ $0 == 0 }) else {
      throw TreeEnsembleError.unsupported("several classes")
    }
    guard let features = Int(learner.parameters.featureCount) else {
      throw TreeEnsembleError.malformed("it has no number of features")
    }
    let kept = try rounds.map { try model.treeCount(rounds: $0) } ?? model.trees.count
    self.init(
      featureCount: features, baseMargin: try learner.baseMargin(),
      trees: try model.trees.prefix(kept).map { try $0.tree(featureCount: features) })
  }
}

private struct XGBoostModel: Decodable {
  let learner: Learner

  struct Learner: Decodable {
    let gradientBooster: Booster
    let parameters: Parameters
    let objective: Objective

    enum CodingKeys: String, CodingKey {
      case gradientBooster = "gradient_booster"
      case parameters = "learner_model_param"
      case objective
    }
  }

  struct Objective: Decodable { let name: String }

  struct Parameters: Decodable {
    let baseScore: String
    let featureCount: String

    enum CodingKeys: String, CodingKey {
      case baseScore = "base_score"
      case featureCount = "num_feature"
    }
  }

  struct Booster: Decodable {
    let name: String
    /// Nil where the booster is of another kind.
    let model: Model?

    enum CodingKeys: CodingKey { case name, model }

    init(from decoder: any Decoder) throws {
      let keys = try decoder.container(keyedBy: CodingKeys.self)
      name = try keys.decode(String.self, forKey: .name)
      model = name == "gbtree" ? try keys.decode(Model.self, forKey: .model) : nil
    }
  }

  struct Model: Decodable {
    let trees: [Tree]
    /// The class that each tree is for.
    let treeClasses: [Int]
    let parameters: Parameters

    struct Parameters: Decodable {
      /// Trees that are grown in one round.
      let parallelTrees: String?

      enum CodingKeys: String, CodingKey { case parallelTrees = "num_parallel_tree" }
    }

    enum CodingKeys: String, CodingKey {
      case trees
      case treeClasses = "tree_info"
      case parameters = "gbtree_model_param"
    }

    func treeCount(rounds: Int) throws -> Int {
      let count = rounds * max(1, parameters.parallelTrees.flatMap { Int($0) } ?? 1)
      guard rounds >= 0, count <= trees.count else {
        throw TreeEnsembleError.malformed("it has fewer than \(rounds) rounds")
      }
      return count
    }
  }

  struct Tree: Decodable {
    let left: [Int]
    let right: [Int]
    let features: [Int]
    /// Thresholds; of leaves their values.
    let conditions: [Float]
    let missingGoesLeft: [Int]
    let covers: [Float]
    let splitTypes: [Int]?

    enum CodingKeys: String, CodingKey {
      case left = "left_children"
      case right = "right_children"
      case features = "split_indices"
      case conditions = "split_conditions"
      case missingGoesLeft = "default_left"
      case covers = "sum_hessian"
      case splitTypes = "split_type"
    }
  }
}

extension XGBoostModel.Learner {
  /// What `base_score` is as a margin: objectives that predict a probability write it as one.
  func baseMargin() throws -> Float {
    let text = parameters.baseScore.trimmingCharacters(in: CharacterSet(charactersIn: "[]"))
    guard let score = Float(text) else {
      throw TreeEnsembleError.malformed("its base score is no number")
    }
    switch objective.name {
    case "binary:logistic", "reg:logistic":
      return -Foundation.logf(1 / score - 1)
    case "binary:logitraw", "binary:hinge", "reg:squarederror": return score
    case "count:poisson", "reg:gamma", "reg:tweedie": return Foundation.logf(score)
    default: throw TreeEnsembleError.unsupported("the objective '\(objective.name)'")
    }
  }
}

extension XGBoostModel.Tree {
  func tree(featureCount: Int) throws -> TreeEnsemble.Tree {
    let count = left.count
    guard
      [right.count, features.count, conditions.count, missingGoesLeft.count, covers.count]
        .allSatisfy({ $0 == count })
    else { throw TreeEnsembleError.malformed("a tree's lists are of different lengths") }
    guard splitTypes?.allSatisfy({ $0 == 0 }) ?? true else {
      throw TreeEnsembleError.unsupported("splits on categories")
    }
    // Pruned nodes stay in the lists, so the tree is walked from its root and numbered anew.
    var order = [0]
    var places = Array(repeating: -1, count: count)
    var next = 0
    while next < order.count {
      let node = order[next]
      guard (0..<count).contains(node), places[node] < 0 else {
        throw TreeEnsembleError.malformed("a node has no place in its tree")
      }
      places[node] = next
      if left[node] >= 0 { order += [left[node], right[node]] }
      next += 1
    }
    let nodes = try order.map { node -> TreeEnsemble.Node in
      guard left[node] >= 0 else { return .leaf(value: conditions[node], cover: covers[node]) }
      guard right[node] >= 0 else { throw TreeEnsembleError.malformed("a split has one child") }
      return .split(
        TreeEnsemble.Split(
          feature: features[node], threshold: conditions[node],
          missingGoesLeft: missingGoesLeft[node] != 0, left: places[left[node]],
          right: places[right[node]], cover: covers[node]))
    }
    return try TreeEnsemble.Tree(nodes: nodes, featureCount: featureCount)
  }
}
