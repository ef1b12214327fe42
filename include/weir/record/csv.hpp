// SPDX-License-Identifier: Apache-2.0
// CSV both ways: csv_decoder<T> reads described structs, csv_encoder<T> writes anything that has columns.
#pragma once
#include <weir/record/csv_decoder.hpp>
#include <weir/record/csv_encoder.hpp>
#include <weir/record/csv_options.hpp>
