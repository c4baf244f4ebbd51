/** Writes the GGUF format, version 3: what llama.cpp reads models from. */

/** A named field of the file's head. */
export type Field = Uint8Array;

/** A weight: its shape, the innermost dimension first, and its values. */
export interface Tensor {
  name: string;
  shape: readonly number[];
  /** Blocks of 32 values in 34 bytes, or floats. */
  type: "f32" | "q8_0";
  values: Float32Array<ArrayBuffer>;
}

const TYPES = { u32: 4, i32: 5, f32: 6, bool: 7, text: 8, list: 9 } as const;
const TENSOR_TYPES = { f32: 0, q8_0: 8 } as const;

const WRITERS = {
  u32: (value: number) => Buffer.from(Uint32Array.of(value).buffer),
  i32: (value: number) => Buffer.from(Int32Array.of(value).buffer),
  f32: (value: number) => Buffer.from(Float32Array.of(value).buffer),
  bool: (value: number) => Buffer.of(value),
};

function u64(value: number): Buffer {
  return Buffer.from(BigUint64Array.of(BigInt(value)).buffer);
}

function textBytes(value: string): Buffer {
  return Buffer.concat([u64(Buffer.byteLength(value)), Buffer.from(value)]);
}

/** A number, or a boolean as 0 or 1. */
export function numberField(key: string, type: keyof typeof WRITERS, value: number): Field {
  return Buffer.concat([textBytes(key), WRITERS.u32(TYPES[type]), WRITERS[type](value)]);
}

export function textField(key: string, value: string): Field {
  return Buffer.concat([textBytes(key), WRITERS.u32(TYPES.text), textBytes(value)]);
}

export function textsField(key: string, values: readonly string[]): Field {
  return listField(key, TYPES.text, values.map(textBytes));
}

export function integersField(key: string, values: readonly number[]): Field {
  return listField(key, TYPES.i32, values.map(WRITERS.i32));
}

function listField(key: string, type: number, values: readonly Buffer[]): Field {
  const head = [textBytes(key), WRITERS.u32(TYPES.list), WRITERS.u32(type), u64(values.length)];
  return Buffer.concat([...head, ...values]);
}

/** The file. */
export function gguf(fields: readonly Field[], tensors: readonly Tensor[]): Buffer {
  const data = tensors.map(({ type, values }) =>
    padded(type === "q8_0" ? quantized(values) : Buffer.from(values.buffer)),
  );
  let offset = 0;
  const infos = tensors.map(({ name, shape, type }, index) => {
    const dimensions = [WRITERS.u32(shape.length), ...shape.map(u64)];
    const place = [WRITERS.u32(TENSOR_TYPES[type]), u64(offset)];
    offset += data[index]?.length ?? 0;
    return Buffer.concat([textBytes(name), ...dimensions, ...place]);
  });
  const counts = [WRITERS.u32(3), u64(tensors.length), u64(fields.length)];
  const head = Buffer.concat([Buffer.from("GGUF"), ...counts, ...fields, ...infos]);
  return Buffer.concat([padded(head), ...data]);
}

function padded(bytes: Buffer): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(-bytes.length & 31)]);
}

/** Q8_0: of each 32 values a half-precision scale and 32 signed bytes. */
function quantized(values: Float32Array): Buffer {
  const blocks = values.length / 32;
  const bytes = Buffer.alloc(blocks * 34);
  for (let block = 0; block < blocks; block += 1) {
    const part = values.subarray(block * 32, block * 32 + 32);
    const half = toHalf(part.reduce((most, value) => Math.max(most, Math.abs(value)), 0) / 127);
    const scale = fromHalf(half);
    bytes.writeUInt16LE(half, block * 34);
    part.forEach((value, index) => {
      const level = Math.max(-127, Math.min(127, Math.round(value / scale)));
      bytes.writeInt8(level, block * 34 + 2 + index);
    });
  }
  return bytes;
}

/** The half-precision bits of a positive normal number. */
function toHalf(value: number): number {
  const exponent = Math.floor(Math.log2(value));
  const fraction = Math.min(1023, Math.round((value / 2 ** exponent - 1) * 1024));
  return ((exponent + 15) << 10) | fraction;
}

function fromHalf(half: number): number {
  return (1 + (half & 1023) / 1024) * 2 ** ((half >> 10) - 15);
}
