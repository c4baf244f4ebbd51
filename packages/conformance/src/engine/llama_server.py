"""Runs llama.cpp's server with the model in argv[1], prints its address, and ends when stdin closes."""

import sys

import xllamacpp

parameters = xllamacpp.CommonParams()
parameters.model.path = sys.argv[1]
parameters.n_ctx = 4096
parameters.n_parallel = 1
# Threads of ggml spin while they wait: on a busy machine a second one costs a hundredfold.
parameters.cpuparams.n_threads = 1
parameters.cpuparams_batch.n_threads = 1
parameters.port = 0  # The system chooses a free one.
server = xllamacpp.Server(parameters)
print(server.listening_address, flush=True)
sys.stdin.read()
