/**
 * `harmony-wasm/train`: converts conversations to training data. It uses only the
 * public API, so it works with the encoding of any entry.
 */

export type { MessageSpan, RenderedConversation } from "../spans.js";
export {
  type LossMaskOptions,
  type LossMaskPreset,
  labels,
  lossMask,
  lossMasker,
} from "./masks.js";
export { createPacker, type Packer, type PackerOptions } from "./packer.js";
export { type Packable, type PackedSample, type PackOptions, pack } from "./packing.js";
export {
  type AnalysisPolicy,
  renderTrainingSamples,
  type TrainingOptions,
  type TrainingSample,
} from "./samples.js";
export type { TrainingConversationInput, TrainingMessage } from "./train-flags.js";
export type { Truncation, TruncationPolicy } from "./truncation.js";
