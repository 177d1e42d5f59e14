/*
 * A stand-in for CUDA's runtime on the processor: device memory is memory, work is done at once, a
 * recorded graph is a list of calls. Fresh memory is filled with rubbish, copies while recording
 * fail, as on a device. There are two devices. With STANDIN_NO_CAPTURE in the environment nothing
 * can be recorded. For TrtStandInIT; knows only what the engine calls.
 */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define ALIGNMENT 256
#define LONGEST 64
#define CAPTURING 900 /* cudaErrorStreamCaptureUnsupported */
#define DEVICE_TO_DEVICE 3

typedef void (*Work)(void *);

typedef struct {
  Work work[LONGEST];
  void *argument[LONGEST];
  int length;
} Graph;

static __thread Graph *recording; /* a recording sees its own thread alone */
static _Atomic size_t buffers;
static __thread int current;
static int lost; /* an error that stays, 0 for none */

/* For the other stand-in: a device that is lost. */
void standin_lose(int error) { lost = error; }

/* For the other stand-in: does work, or records it. */
void standin_enqueue(Work work, void *argument) {
  if (recording == NULL) {
    work(argument);
    return;
  }
  recording->work[recording->length] = work;
  recording->argument[recording->length++] = argument;
}

int cudaGetDeviceCount(int *count) { *count = 2; return 0; }
int cudaSetDevice(int device) {
  if (device < 0 || device > 1) {
    return 101;
  }
  current = device;
  return lost;
}
int cudaGetDevice(int *device) { *device = current; return 0; }
int cudaGetLastError(void) { return 0; }
int cudaGetDeviceProperties(void *properties, int device) {
  strcpy((char *) properties, "Stand-in"); /* the name comes first */
  return 0;
}
int cudaDeviceGetAttribute(int *value, int attribute, int device) {
  *value = attribute == 75 ? 9 : 0; /* compute capability 9.0 */
  return 0;
}
const char *cudaGetErrorString(int code) { return "an error of the stand-in"; }

/* "Used" counts buffers. */
int cudaMemGetInfo(size_t *left, size_t *total) {
  *total = 1000000;
  *left = *total - buffers;
  return lost;
}

int cudaMalloc(void **pointer, size_t bytes) {
  if (posix_memalign(pointer, ALIGNMENT, bytes) != 0) {
    return 2;
  }
  memset(*pointer, 0xAB, bytes);
  buffers++;
  return 0;
}
int cudaFree(void *pointer) { free(pointer); buffers--; return 0; }
int cudaHostAlloc(void **pointer, size_t bytes, unsigned flags) {
  return cudaMalloc(pointer, bytes);
}
int cudaFreeHost(void *pointer) { return cudaFree(pointer); }

/* A copy, or a fill where there is nothing to copy from. */
typedef struct {
  void *to;
  const void *from;
  int value;
  size_t bytes;
} Move;

static void move(void *argument) {
  Move *m = argument;
  if (m->from == NULL) {
    memset(m->to, m->value, m->bytes);
  } else {
    memmove(m->to, m->from, m->bytes);
  }
}

static void enqueue_move(Move all) {
  Move *m = malloc(sizeof *m); /* as long as a graph may last, and small */
  *m = all;
  standin_enqueue(move, m);
}

int cudaMemcpyAsync(void *to, const void *from, size_t bytes, int kind, void *stream) {
  if (recording != NULL && kind != DEVICE_TO_DEVICE) {
    return CAPTURING;
  }
  enqueue_move((Move) {to, from, 0, bytes});
  return lost;
}
int cudaMemsetAsync(void *to, int value, size_t bytes, void *stream) {
  enqueue_move((Move) {to, NULL, value, bytes});
  return lost;
}

int cudaStreamCreateWithFlags(void **stream, unsigned flags) { *stream = malloc(1); return 0; }
int cudaStreamSynchronize(void *stream) { return recording == NULL ? lost : CAPTURING; }
int cudaStreamDestroy(void *stream) { free(stream); return 0; }
int cudaStreamBeginCapture(void *stream, int mode) {
  recording = calloc(1, sizeof(Graph));
  return 0;
}
int cudaStreamEndCapture(void *stream, void **graph) {
  bool refused = getenv("STANDIN_NO_CAPTURE") != NULL;
  if (refused) {
    free(recording);
  }
  *graph = refused ? NULL : recording;
  recording = NULL;
  return refused ? CAPTURING : 0;
}
int cudaGraphInstantiate(void **executable, void *graph, unsigned long long flags) {
  *executable = malloc(sizeof(Graph));
  memcpy(*executable, graph, sizeof(Graph));
  return 0;
}
int cudaGraphLaunch(void *executable, void *stream) {
  Graph *graph = executable;
  for (int i = 0; i < graph->length; i++) {
    graph->work[i](graph->argument[i]);
  }
  return lost;
}
int cudaGraphExecDestroy(void *executable) { free(executable); return 0; }
int cudaGraphDestroy(void *graph) { free(graph); return 0; }
