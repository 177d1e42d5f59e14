/*
 * A stand-in for TensorRT 10.15 and its ONNX parser, for TrtStandInIT. TensorRT's classes hold a
 * pointer to an implementation with a table of virtual functions; the offsets below are those that
 * the Java bindings' native code calls (read from libjninvinfer.so 10.15-1.5.13). A call of any
 * other function ends the process.
 *
 * The "network" has the tensors of the model contract. It computes labels = red % 11, prototypes =
 * prior + trust, evidence = trust, confidence = 0.5, agreement = 0.25. A picture that begins with the
 * color DEADLY loses the device, as an illegal access of a kernel does.
 *
 * Compiled with ON_DEVICE it is for a real CUDA runtime (DeviceCheck): a pass is a row of CUDA's own
 * copies and fills on the stream, which a recording takes. It computes labels = 7, prototypes =
 * prior, evidence = trust and zeros.
 */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FUNCTIONS 128
#define TENSORS 9
#define INPUTS 3
#define LARGEST_BATCH 32
#define SCRATCH 4096
#define USER_MANAGED 2
#define STRONGLY_TYPED 2
#define ERROR 1
#define PIXELS (360 * 480)
#define CLASSES 11
#define ROWS 11
#define FEATURES 64
#define DEADLY "\xDE\xAD\x01"
#define ILLEGAL_ADDRESS 700 /* cudaErrorIllegalAddress */

enum { FLOAT = 0, INT32 = 3, UINT8 = 5 };

typedef struct { int32_t count; int64_t length[8]; } Dims;
typedef struct { void **functions; void *implementation; } Object;
typedef struct { void **functions; } Plain;
typedef struct { void **functions; const char *data; int64_t size; } Memory;
typedef struct { void **functions; int index; } Tensor;
typedef struct {
  void **functions;
  int64_t batch[INPUTS];
  char *address[TENSORS];
  char *scratch;
} Context;
typedef struct { const char *name; int type; Dims dims; } Declared;

static const Declared tensors[TENSORS] = {
    {"image", UINT8, {4, {-1, 360, 480, 3}}},
    {"prior", FLOAT, {3, {-1, ROWS, FEATURES}}},
    {"trust", FLOAT, {2, {-1, ROWS}}},
    {"labels", UINT8, {3, {-1, 360, 480}}},
    {"pixels", INT32, {2, {-1, CLASSES}}},
    {"confidence", FLOAT, {2, {-1, CLASSES}}},
    {"prototypes", FLOAT, {3, {-1, ROWS, FEATURES}}},
    {"evidence", FLOAT, {2, {-1, ROWS}}},
    {"agreement", FLOAT, {1, {-1}}},
};

static Object *logger;

int cudaGetDevice(int *device);

static void complain(const char *message) {
  ((void (*)(void *, int, const char *)) logger->functions[0])(logger, ERROR, message);
}

static void missing(void) {
  fprintf(stderr, "the stand-in has no such function\n");
  abort();
}

static void **table(void) {
  void **functions = malloc(FUNCTIONS * sizeof(void *));
  for (int i = 0; i < FUNCTIONS; i++) {
    functions[i] = (void *) missing;
  }
  return functions;
}

static void destroyed(void *object) {}

static void deleted(Object *object) {
  free(object->implementation);
  free(object);
}

static Object *object(void **functions, size_t size) {
  static void **own;
  if (own == NULL) {
    own = table();
    own[0] = (void *) destroyed;
    own[1] = (void *) deleted;
  }
  Object *result = malloc(sizeof(Object));
  result->functions = own;
  result->implementation = calloc(1, size);
  *(void ***) result->implementation = functions;
  return result;
}

static int find(const char *name) {
  for (int i = 0; i < TENSORS; i++) {
    if (strcmp(tensors[i].name, name) == 0) {
      return i;
    }
  }
  abort();
}

static Dims sized(int tensor, int64_t batch) {
  Dims dims = tensors[tensor].dims;
  dims.length[0] = batch;
  return dims;
}

/* A pass. */

#ifdef ON_DEVICE

#define DEVICE_TO_DEVICE 3
#define DELAY 40 /* copies that make a pass take a while */

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream);
int cudaMemsetAsync(void *to, int value, size_t bytes, void *stream);

static bool run(Context *c, void *stream) {
  int64_t n = c->batch[0];
  int failed = cudaMemsetAsync(c->scratch, 1, SCRATCH, stream);
  for (int i = 0; i < DELAY; i++) {
    failed |= cudaMemcpyAsync(c->address[3], c->address[0], n * PIXELS, DEVICE_TO_DEVICE, stream);
  }
  failed |= cudaMemsetAsync(c->address[3], 7, n * PIXELS, stream);
  failed |= cudaMemsetAsync(c->address[4], 0, n * CLASSES * sizeof(int32_t), stream);
  failed |= cudaMemsetAsync(c->address[5], 0, n * CLASSES * sizeof(float), stream);
  failed |= cudaMemcpyAsync(c->address[6], c->address[1], n * ROWS * FEATURES * sizeof(float),
      DEVICE_TO_DEVICE, stream);
  failed |= cudaMemcpyAsync(
      c->address[7], c->address[2], n * ROWS * sizeof(float), DEVICE_TO_DEVICE, stream);
  failed |= cudaMemsetAsync(c->address[8], 0, n * sizeof(float), stream);
  return failed == 0;
}

#else

/* Of the other stand-in. */
void standin_enqueue(void (*work)(void *), void *argument);
void standin_lose(int error);

static void compute(void *argument) {
  Context *c = argument;
  memset(c->scratch, 1, SCRATCH);
  const uint8_t *image = (uint8_t *) c->address[0];
  for (int64_t b = 0; b < c->batch[0]; b++) {
    if (memcmp(image + b * 3 * PIXELS, DEADLY, 3) == 0) {
      standin_lose(ILLEGAL_ADDRESS);
    }
  }
  const float *prior = (float *) c->address[1];
  const float *trust = (float *) c->address[2];
  uint8_t *labels = (uint8_t *) c->address[3];
  int32_t *pixels = (int32_t *) c->address[4];
  float *confidence = (float *) c->address[5];
  float *prototypes = (float *) c->address[6];
  memset(pixels, 0, c->batch[0] * CLASSES * sizeof(int32_t));
  for (int64_t i = 0; i < c->batch[0] * PIXELS; i++) {
    labels[i] = image[3 * i] % CLASSES;
    pixels[i / PIXELS * CLASSES + labels[i]]++;
  }
  for (int64_t i = 0; i < c->batch[0] * CLASSES; i++) {
    confidence[i] = 0.5f;
  }
  for (int64_t i = 0; i < c->batch[0] * ROWS * FEATURES; i++) {
    prototypes[i] = prior[i] + trust[i / FEATURES];
  }
  memcpy(c->address[7], trust, c->batch[0] * ROWS * sizeof(float));
  for (int64_t i = 0; i < c->batch[0]; i++) {
    ((float *) c->address[8])[i] = 0.25f;
  }
}

static bool run(Context *c, void *stream) {
  standin_enqueue(compute, c);
  return true;
}

#endif

static bool setInputShape(Context *c, const char *name, const Dims *dims) {
  c->batch[find(name)] = dims->length[0];
  return dims->length[0] >= 1 && dims->length[0] <= LARGEST_BATCH;
}

static Dims contextShape(Context *c, const char *name) {
  bool agreed = c->batch[0] == c->batch[1] && c->batch[1] == c->batch[2];
  return sized(find(name), agreed ? c->batch[0] : -1);
}

static bool setTensorAddress(Context *c, const char *name, char *address) {
  c->address[find(name)] = address;
  return (uintptr_t) address % 256 == 0;
}

static void setDeviceMemory(Context *c, char *memory, int64_t size) {
  c->scratch = size == SCRATCH ? memory : NULL;
}

static bool enqueue(Context *c, void *stream) {
  if (c->scratch == NULL) {
    complain("no scratch memory");
    return false;
  }
  return run(c, stream);
}

/* A plan. */

static int32_t tensorCount(void *engine) { return TENSORS; }
static const char *tensorName(void *engine, int32_t i) { return tensors[i].name; }
static int32_t tensorMode(void *engine, const char *name) { return find(name) < INPUTS ? 1 : 2; }
static int32_t tensorType(void *engine, const char *name) { return tensors[find(name)].type; }
static Dims tensorShape(void *engine, const char *name) { return tensors[find(name)].dims; }
static int64_t scratchSize(void *engine) { return SCRATCH; }

static Dims profileShape(void *engine, const char *name, int32_t profile, int32_t which) {
  const int64_t batch[] = {1, 8, LARGEST_BATCH};
  return sized(find(name), batch[which]);
}

static Object *newContext(void *engine, int32_t strategy) {
  if (strategy != USER_MANAGED) {
    return NULL;
  }
  void **f = table();
  f[0xA8 / 8] = (void *) setInputShape;
  f[0xB0 / 8] = (void *) contextShape;
  f[0xC0 / 8] = (void *) setTensorAddress;
  f[0x128 / 8] = (void *) enqueue;
  f[0x188 / 8] = (void *) setDeviceMemory;
  return object(f, sizeof(Context));
}

static Object *deserialize(void *runtime, const char *blob, size_t size) {
  if (size < 4 || memcmp(blob, "PLAN", 4) != 0) {
    complain("the stand-in knows a plan when it sees one");
    return (Object *) 0x228; /* TensorRT's way to fail */
  }
  void **f = table();
  f[0x28 / 8] = (void *) newContext;
  f[0x98 / 8] = (void *) tensorShape;
  f[0xA0 / 8] = (void *) tensorType;
  f[0xB8 / 8] = (void *) tensorMode;
  f[0xE8 / 8] = (void *) profileShape;
  f[0xF0 / 8] = (void *) tensorCount;
  f[0xF8 / 8] = (void *) tensorName;
  f[0x1A0 / 8] = (void *) scratchSize;
  return object(f, sizeof(Plain));
}

Object *createInferRuntime_INTERNAL(Object *to, int32_t version) {
  logger = to;
  void **f = table();
  f[0x18 / 8] = (void *) deserialize;
  return object(f, sizeof(Plain));
}

int32_t getInferLibVersion(void) { return 101501; }

/* Building a plan. */

static const char *memoryData(Memory *m) { return m->data; }
static int64_t memorySize(Memory *m) { return m->size; }

static Object *memory(const char *text) {
  void **f = table();
  f[0x10 / 8] = (void *) memoryData;
  f[0x18 / 8] = (void *) memorySize;
  Object *result = object(f, sizeof(Memory));
  Memory *m = result->implementation;
  m->data = text;
  m->size = strlen(text);
  return result;
}

static const char *inputName(Tensor *t) { return tensors[t->index].name; }
static Dims inputDims(Tensor *t) { return tensors[t->index].dims; }
static int32_t inputCount(void *network) { return INPUTS; }

static Object *input(void *network, int32_t i) {
  void **f = table();
  f[0x18 / 8] = (void *) inputName;
  f[0x28 / 8] = (void *) inputDims;
  Object *result = object(f, sizeof(Tensor));
  ((Tensor *) result->implementation)->index = i;
  return result;
}

static Object *newNetwork(void *builder, uint32_t flags) {
  if (flags != STRONGLY_TYPED) {
    return NULL;
  }
  void **f = table();
  f[0x70 / 8] = (void *) inputCount;
  f[0x78 / 8] = (void *) input;
  return object(f, sizeof(Plain));
}

static bool setDimensions(void *profile, const char *name, int32_t which) {
  return find(name) < INPUTS;
}

static Object *newProfile(void *builder) {
  void **f = table();
  f[0x10 / 8] = (void *) setDimensions;
  return object(f, sizeof(Plain));
}

static Object *timings(void *cache) { return memory("TIMES"); }

static Object *newTimingCache(void *config, const char *blob, size_t size) {
  if (size > 0 && strncmp(blob, "TIMES", size) != 0) {
    return NULL;
  }
  void **f = table();
  f[0x10 / 8] = (void *) timings;
  return object(f, sizeof(Plain));
}

static bool setTimingCache(void *config, void *cache, bool ignoreMismatch) { return true; }
static Object *timingCache(void *config) { return newTimingCache(config, "", 0); }
static void setPoolLimit(void *config, int32_t pool, size_t size) {}
static void setLevel(void *config, int32_t level) {}
static int32_t addProfile(void *config, void *profile) { return 0; }

static Object *newConfig(void *builder) {
  void **f = table();
  f[0xC8 / 8] = (void *) addProfile;
  f[0x140 / 8] = (void *) newTimingCache;
  f[0x148 / 8] = (void *) setTimingCache;
  f[0x150 / 8] = (void *) timingCache;
  f[0x158 / 8] = (void *) setPoolLimit;
  f[0x178 / 8] = (void *) setLevel;
  return object(f, sizeof(Plain));
}

static Object *serialized(void *builder, void *network, void *config) {
  static char text[64];
  int device = -1;
  cudaGetDevice(&device);
  snprintf(text, sizeof text, "PLAN of the stand-in for device %d", device);
  return memory(text);
}

Object *createInferBuilder_INTERNAL(Object *to, int32_t version) {
  logger = to;
  void **f = table();
  f[0x38 / 8] = (void *) newConfig;
  f[0x40 / 8] = (void *) newNetwork;
  f[0x48 / 8] = (void *) newProfile;
  f[0x70 / 8] = (void *) serialized;
  return object(f, sizeof(Plain));
}

/* The parser's class is called directly. */

static bool parseFile(void *parser, const char *file, int32_t level) {
  FILE *stream = fopen(file, "rb");
  int first = stream == NULL ? EOF : fgetc(stream);
  if (stream != NULL) {
    fclose(stream);
  }
  return first == 0x08; /* a protobuf with an integer as its first field, as ONNX is */
}

static int32_t errorCount(void *parser) { return 0; }

void *createNvOnnxParser_INTERNAL(void *network, Object *to, int32_t version) {
  void **f = table();
  f[0x8 / 8] = (void *) parseFile;
  f[0x28 / 8] = (void *) errorCount;
  Plain *parser = malloc(sizeof(Plain));
  parser->functions = f;
  return parser;
}
