//! The progress bar: bytes, rate and time left, on stderr, once the work takes over half a second.

use crate::pipeline::Progress;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver, RecvTimeoutError, Sender};
use std::thread::{self, JoinHandle};
use std::time::Duration;

/// Work that is done sooner shows no bar.
const PATIENCE: Duration = Duration::from_millis(500);

/// How often the bar is drawn.
const TICK: Duration = Duration::from_millis(100);

const WITH_TOTAL: &str = "{bar:20} {percent:>3}%  {binary_bytes} of {binary_total_bytes}  \
                          {binary_bytes_per_sec}  {eta} left";

const WITHOUT_TOTAL: &str = "{spinner} {binary_bytes}  {binary_bytes_per_sec}  {elapsed}";

/// A bar that shows itself while this lives.
pub(super) struct Ticker {
    // Dropped first: the thread ends when there is no sender left.
    stop: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Ticker {
    /// Begins to watch the work. Without a thread to spare there is no bar.
    pub(super) fn start(progress: Arc<Progress>) -> Ticker {
        let (stop, stopped) = mpsc::channel();
        let watch = move || watch(&progress, &stopped);
        let thread = thread::Builder::new()
            .name("progress".to_owned())
            .spawn(watch);
        Ticker {
            stop: Some(stop),
            thread: thread.ok(),
        }
    }
}

impl Drop for Ticker {
    fn drop(&mut self) {
        drop(self.stop.take());
        let thread = self.thread.take();
        // The bar is gone from the terminal before anything else is printed.
        let _ = thread.map(JoinHandle::join);
    }
}

fn watch(progress: &Progress, stopped: &Receiver<()>) {
    // The bar runs from the beginning, so that its rate is right when it shows itself.
    let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::hidden());
    let mut hidden_for = Some(PATIENCE);
    while goes_on(stopped, TICK) {
        // Draws it, too.
        bar.set_position(progress.consumed());
        hidden_for = hidden_for.and_then(|left| match left.checked_sub(TICK) {
            Some(left) => Some(left),
            None => show(&bar, progress.total()),
        });
    }
    bar.finish_and_clear();
}

fn goes_on(stopped: &Receiver<()>, wait: Duration) -> bool {
    stopped.recv_timeout(wait) == Err(RecvTimeoutError::Timeout)
}

/// Brings the bar to the terminal. Nothing is left to wait for.
fn show(bar: &ProgressBar, total: Option<u64>) -> Option<Duration> {
    let template = match total {
        Some(_) => WITH_TOTAL,
        None => WITHOUT_TOTAL,
    };
    let style = ProgressStyle::with_template(template);
    let style = style.unwrap_or_else(|_| ProgressStyle::default_bar());
    bar.set_style(style.progress_chars("━╸ "));
    if let Some(total) = total {
        bar.set_length(total);
    }
    bar.set_draw_target(ProgressDrawTarget::stderr());
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_templates_are_sound() {
        assert!(ProgressStyle::with_template(WITH_TOTAL).is_ok());
        assert!(ProgressStyle::with_template(WITHOUT_TOTAL).is_ok());
    }

    #[test]
    fn short_work_ends_without_waiting_for_the_bar() {
        let begun = std::time::Instant::now();
        drop(Ticker::start(Arc::default()));
        assert!(begun.elapsed() < PATIENCE);
    }
}
