#!/usr/bin/env bash
# All that a machine with an NVIDIA card is asked for, in under 12 minutes:
#
#   bench/card.sh [--wheels FOLDER] [--data CIFAR-10] [--rehearse]
#
# 1. provisions the CUDA build, from a folder of wheels where there is no network ("bilevel gpu list" names them);
# 2. compares every kernel with its composition;
# 3. times steps beside PyTorch and JAX, and holds one to float64 (BILEVEL_PEERS_PYTHON, default python3);
# 4. denoises CIFAR-10 with half of its labels wrong, the paper's network (a folder cifar-10-batches-bin; without, MNIST
#    in BILEVEL_TEST_DATA).
#
# Each part has its own limit and the rest goes on without it; the exit code is the number of parts that failed. What
# they say is kept in OUT (default out/card). --rehearse does the same on a processor, with little data: what can
# be tried without a card. NVIDIA_TF32_OVERRIDE=0 has everyone compute in float32.
set -uo pipefail
cd "$(dirname "$0")/.."

wheels='' data='' rehearse=''
while [ $# -gt 0 ]; do
  case $1 in
    --wheels) wheels=$(realpath "${2:?--wheels takes a folder}"); shift 2 ;;
    --data) data=$(realpath "${2:?--data takes a folder}"); shift 2 ;;
    --rehearse) rehearse=yes; shift ;;
    *) echo "bench/card.sh [--wheels FOLDER] [--data CIFAR-10] [--rehearse]" >&2; exit 2 ;;
  esac
done
out=$(realpath -m "${OUT:-out/card}")
mkdir -p "$out"
results=$(mktemp -d)
trap 'rm -rf "$results"' EXIT

build=cuda device=GPU rounds=3 epochs=8 seconds=200
rows='0:49000' trusted='49000:50000' test='0:10000'
export BILEVEL_BENCH_DEVICE=cuda
if [ -n "$rehearse" ]; then
  build=cpu device=CPU rounds=1 epochs=1 seconds=30
  rows='0:100' trusted='49000:49050' test='0:100'
  unset BILEVEL_BENCH_DEVICE
fi

failed=0
# part NAME SECONDS COMMAND...
part() {
  local name=$1 limit=$2 begun=$SECONDS
  shift 2
  echo "== $name (at most $limit s)"
  timeout --kill-after=10 "$limit" "$@" 2>&1 | tee "$out/$name.txt"
  local code=${PIPESTATUS[0]}
  echo "== $name: exit code $code after $((SECONDS - begun)) s"
  [ "$code" -eq 0 ] || failed=$((failed + 1))
}

bench() { npm run --silent bench -- "$@"; }

provision() {
  [ -z "$wheels" ] || export BILEVEL_NATIVE_WHEELS=$wheels
  BILEVEL_NATIVE=$build node scripts/native/provision.mjs
}

steps() {
  bench step logistic --rounds "$rounds" --peers "${PEERS-pytorch,jax}"
  [ -n "$rehearse" ] || bench step 'MNIST CNN' --rounds "$rounds" --peers "${PEERS-pytorch,channels-last,jax,float64}"
}

large() {
  local set=mnist from=$data
  export BILEVEL_WORKSPACE=$results/workspace
  [ -n "$from" ] && set=cifar || from=${BILEVEL_TEST_DATA:-../shared/data}/mnist
  local bilevel=bin/bilevel.mjs model=cnn
  [ $set = mnist ] || model=cifar-cnn
  [ -z "$rehearse" ] || model=logistic
  node $bilevel datasets import "$from" --name $set &&
    node $bilevel corrupt "$set#train[$rows]" --noise 0.5 --out "$results/noisy" &&
    node $bilevel denoise --train "$results/noisy" --trusted "$set#train[$trusted]" --test "$set#test[$test]" \
      --model "$model" --backend native --lower-steps 10 \
      --epochs $epochs --max-seconds $seconds --out "$results/result" &&
    cp "$results/result/report.json" "$out/large.json"
}

export out results build rounds rows trusted test epochs seconds wheels data rehearse
export -f bench provision steps large
part provision 150 bash -c provision
part kernels 60 npm run --silent bench -- kernels "$device"
part steps 180 bash -c steps
part large 310 bash -c large
echo "== $SECONDS s in all, $failed parts failed; what they said: $out"
exit "$failed"
